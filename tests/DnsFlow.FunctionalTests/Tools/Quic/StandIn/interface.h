// The part of MsQuic's binary interface (version 2, on Linux) that System.Net.Quic uses. Layouts and numbers are MsQuic's, names are ours.
#ifndef INTERFACE_H
#define INTERFACE_H

#include <netinet/in.h>
#include <stdint.h>

// What calls return. On Linux they are errno values, and those of TLS lie above all of them.
enum
{
    STATUS_SUCCESS = 0,
    STATUS_CONTINUE = -1,           // a callback: what it did not take is to come at once
    STATUS_PENDING = -2,            // a callback: the verdict follows
    STATUS_INVALID_PARAMETER = 22,
    STATUS_NO_COMMON_PROTOCOL = 92,
    STATUS_NOT_SUPPORTED = 95,
    STATUS_ADDRESS_IN_USE = 98,
    STATUS_REFUSED = 111,
    STATUS_ABORTED = 125,
    STATUS_GIVEN_UP = 130,
    STATUS_TLS_ALERT = 200000256,   // and the alert is added
};

// Transport error codes (RFC 9000 section 20.1) and TLS alerts (RFC 8446 section 6).
enum
{
    ERROR_CONNECTION_REFUSED = 0x02,
    ERROR_TLS_ALERT = 0x100,        // and the alert is added
    ALERT_BAD_CERTIFICATE = 42,
    ALERT_NO_COMMON_PROTOCOL = 120,
};

enum
{
    PARAMETER_LIBRARY_VERSION = 0x01000004,
    PARAMETER_LIBRARY_COMMIT = 0x01000008,
    PARAMETER_TLS_PROVIDER = 0x0100000A,
    PARAMETER_LISTENER_ADDRESS = 0x04000000,
    PARAMETER_LOCAL_ADDRESS = 0x05000001,
    PARAMETER_REMOTE_ADDRESS = 0x05000002,
    PARAMETER_HANDSHAKE = 0x06000000,
    PARAMETER_STREAM_ID = 0x08000000,
};

typedef union
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} Address;

typedef struct
{
    uint32_t length;
    uint8_t* octets;
} Buffer;

typedef struct
{
    uint8_t not_needed[94];
    uint16_t bidirectional_streams; // how many the other side may have open
    uint16_t unidirectional_streams;
} Settings;

enum
{
    CREDENTIAL_PKCS12 = 6,
};

typedef struct
{
    const uint8_t* octets;
    uint32_t length;
    const char* password;
} Pkcs12;

typedef struct
{
    int32_t type;
    int32_t flags;
    const Pkcs12* pkcs12;           // when the type says so
} Credential;

typedef struct
{
    uint32_t version;
    const Address* local;
    const Address* remote;
    uint32_t hello_length;
    uint16_t offered_protocols_length;
    uint16_t server_name_length;
    uint8_t protocol_length;
    const uint8_t* hello;
    const uint8_t* offered_protocols;
    const uint8_t* protocol;
    const char* server_name;
} NewConnectionInfo;

enum
{
    LISTENER_NEW_CONNECTION = 0,
    LISTENER_STOP_COMPLETE = 1,
};

typedef struct
{
    int32_t type;
    struct
    {
        const NewConnectionInfo* info;
        void* connection;
    } new_connection;
} ListenerEvent;

enum
{
    CONNECTION_CONNECTED = 0,
    CONNECTION_FAILED = 1,
    CONNECTION_CLOSED_BY_PEER = 2,
    CONNECTION_SHUTDOWN_COMPLETE = 3,
    CONNECTION_PEER_STREAM_STARTED = 6,
    CONNECTION_STREAMS_AVAILABLE = 7,
    CONNECTION_PEER_CERTIFICATE = 15,
};

typedef struct
{
    int32_t type;
    union
    {
        struct
        {
            uint8_t is_resumed;
            uint8_t protocol_length;
            const uint8_t* protocol;
        } connected;
        struct
        {
            int32_t status;
            uint64_t code;
        } failed;
        struct
        {
            uint64_t code;
        } closed_by_peer;
        struct
        {
            void* stream;
            uint32_t flags;         // 1 = unidirectional
        } peer_stream_started;
        struct
        {
            uint16_t bidirectional;
            uint16_t unidirectional;
        } streams_available;
        struct
        {
            const Buffer* certificate;
            uint32_t deferred_flags;
            int32_t deferred_status;
            const Buffer* chain;
        } peer_certificate;
    };
} ConnectionEvent;

enum
{
    STREAM_START_COMPLETE = 0,
    STREAM_RECEIVE = 1,
    STREAM_SEND_COMPLETE = 2,
    STREAM_PEER_ENDED = 3,
    STREAM_PEER_RESET = 4,
    STREAM_PEER_STOPPED_READING = 5,
    STREAM_SEND_SHUTDOWN_COMPLETE = 6,
    STREAM_SHUTDOWN_COMPLETE = 7,
    STREAM_PEER_ACCEPTED = 9,
};

// Bits of what a connection's end has to do with the end of a stream.
enum
{
    END_BY_APPLICATION = 2,
    END_BY_PEER = 4,
};

typedef struct
{
    int32_t type;
    union
    {
        struct
        {
            int32_t status;
            uint64_t id;
            uint8_t is_accepted;
        } start_complete;
        struct
        {
            uint64_t offset;
            uint64_t length;        // the callback puts here what it took
            const Buffer* buffers;
            uint32_t buffer_count;
            uint32_t flags;
        } receive;
        struct
        {
            uint8_t is_cancelled;
            void* context;
        } send_complete;
        struct
        {
            uint64_t code;
        } aborted;                  // PEER_RESET and PEER_STOPPED_READING
        struct
        {
            uint8_t is_graceful;
        } send_shutdown_complete;
        struct
        {
            uint8_t is_connection_over;
            uint8_t end;
            uint64_t connection_code;
            int32_t connection_status;
        } shutdown_complete;
    };
} StreamEvent;

enum
{
    STREAM_OPEN_UNIDIRECTIONAL = 1,
    STREAM_SEND_LAST = 4,
    STREAM_SHUTDOWN_GRACEFUL = 1,
    STREAM_SHUTDOWN_ABORT_SEND = 2,
    STREAM_SHUTDOWN_ABORT_RECEIVE = 4,
    STREAM_SHUTDOWN_IMMEDIATE = 8,
};

// In MsQuic's order.
typedef struct
{
    void* set_context;
    void* get_context;
    void* set_callback;
    void* set_parameter;
    void* get_parameter;
    void* registration_open;
    void* registration_close;
    void* registration_shutdown;
    void* configuration_open;
    void* configuration_close;
    void* configuration_load_credential;
    void* listener_open;
    void* listener_close;
    void* listener_start;
    void* listener_stop;
    void* connection_open;
    void* connection_close;
    void* connection_shutdown;
    void* connection_start;
    void* connection_set_configuration;
    void* connection_send_ticket;
    void* stream_open;
    void* stream_close;
    void* stream_start;
    void* stream_shutdown;
    void* stream_send;
    void* stream_receive_complete;
    void* stream_receive_set_enabled;
    void* datagram_send;
    void* connection_ticket_validation_complete;
    void* connection_certificate_validation_complete;
} Functions;

#endif
