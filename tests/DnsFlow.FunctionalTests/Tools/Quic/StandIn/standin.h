// A stand-in for libmsquic, for tests on systems that have none. It is not QUIC: no packets, no sockets, no cryptography, no time. Both ends of every connection are in
// one process, and what one end sends is put into the other one's memory. All it does is to let System.Net.Quic, and what is built upon it, run: connections, streams, their
// limits, ends and resets, protocols and certificates. What is shown over it is shown of the calls and of nothing below them.
#ifndef STANDIN_H
#define STANDIN_H

#include <stddef.h>
#include <stdint.h>
#include "interface.h"

typedef struct Handle Handle;
typedef struct Connection Connection;
typedef struct Stream Stream;

typedef int (*Callback)(Handle* handle, void* context, void* event);

// What the framework holds. Handles are never freed: an event that waits may still name one, and a run of the tests opens a few thousand at most.
struct Handle
{
    Callback callback;
    void* context;
    int is_closed;
};

enum
{
    BIDIRECTIONAL = 0,
    UNIDIRECTIONAL = 1,
    KINDS_OF_STREAMS = 2,
};

typedef struct
{
    uint8_t length;
    char name[32];
} Protocol;

typedef struct
{
    Handle handle;
    Protocol protocol;
    uint16_t streams[KINDS_OF_STREAMS]; // how many the other side may have open
    Buffer certificate;                 // a server's, in DER
    Buffer chain;                       // nothing: authorities of the tests sign directly
} Configuration;

typedef struct Listener
{
    Handle handle;
    Address address;
    Protocol protocol;
    struct Listener* next;
} Listener;

// One end of a connection.
struct Connection
{
    Handle handle;
    Connection* peer;                   // null before a server is found
    Configuration* configuration;
    Address local;
    Address remote;
    int is_client;
    int is_connected;
    int is_over;
    int awaits_verdict;                 // on the server's certificate
    char server_name[256];
    unsigned available[KINDS_OF_STREAMS]; // how many more streams the peer lets us open
    uint64_t next_id[KINDS_OF_STREAMS];
    Stream* streams;
};

// One end of a stream.
struct Stream
{
    Handle handle;
    Connection* connection;
    Stream* other;                      // null until the peer has heard of it
    Stream* next;
    uint64_t id;
    int kind;
    int is_started;
    int is_accepted;                    // within the limit that the peer sets
    int is_sending_over;
    int is_receiving_over;
    int is_over;
    int is_receiving_enabled;
    int has_peer_ended;
    uint8_t* octets;                    // what came and was not taken
    size_t count;
};

typedef struct Event Event;

struct Event
{
    Event* next;
    Handle* handle;
    void (*deliver)(Event* event);
    union
    {
        ListenerEvent listener;
        ConnectionEvent connection;
        StreamEvent stream;
        Connection* newcomer;           // a client that wants to be connected
    };
};

// events.c: one lock for everything, and one thread that calls the framework back, without the lock.
void Lock(void);
void Unlock(void);
void* Allocate(size_t size);
void InitialiseHandle(Handle* handle, Callback callback, void* context);
void CloseHandle(Handle* handle);
void SetCallback(Handle* handle, Callback callback, void* context);
int CallBack(Handle* handle, void* event);
Event* Post(Handle* handle, void (*deliver)(Event* event));
Event* PostToListener(Listener* listener, int type);
Event* PostToConnection(Connection* connection, int type);
Event* PostToStream(Stream* stream, int type);

// configurations.c
int ReadProtocol(Protocol* protocol, const Buffer* names, uint32_t count);
int ConfigurationOpen(
    Handle* registration, const Buffer* protocols, uint32_t count, const Settings* settings, uint32_t settings_size, void* context, Configuration** configuration);
int ConfigurationLoadCredential(Configuration* configuration, const Credential* credential);

// listeners.c
uint16_t NextPort(void);
Listener* FindListener(uint16_t port);
int ListenerOpen(Handle* registration, Callback callback, void* context, Listener** listener);
int ListenerStart(Listener* listener, const Buffer* protocols, uint32_t count, const Address* address);
void ListenerStop(Listener* listener);

// connections.c
int ConnectionOpen(Handle* registration, Callback callback, void* context, Connection** connection);
int ConnectionStart(Connection* connection, Configuration* configuration, uint16_t family, const char* server_name, uint16_t port);
int ConnectionSetConfiguration(Connection* connection, Configuration* configuration);
int ConnectionCertificateValidationComplete(Connection* connection, uint8_t is_good, int alert);
void ConnectionShutdown(Connection* connection, int flags, uint64_t code);

// streams.c
void EndStreams(Connection* connection, uint64_t code, int end);
int StreamOpen(Connection* connection, int flags, Callback callback, void* context, Stream** stream);
void StreamClose(Stream* stream);
int StreamStart(Stream* stream, int flags);
int StreamSend(Stream* stream, const Buffer* buffers, uint32_t count, int flags, void* context);
int StreamShutdown(Stream* stream, int flags, uint64_t code);
int StreamReceiveSetEnabled(Stream* stream, uint8_t is_enabled);

#endif
