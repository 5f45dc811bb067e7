// Two ends, joined when the client has found a listener with its protocol and the server's certificate pleases it. The order of the events is that of MsQuic.
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "standin.h"

int ConnectionOpen(Handle* registration, Callback callback, void* context, Connection** connection)
{
    (void)registration;
    Connection* made = Allocate(sizeof *made);
    InitialiseHandle(&made->handle, callback, context);
    made->is_client = 1;
    made->next_id[BIDIRECTIONAL] = 0;       // RFC 9000 section 2.1
    made->next_id[UNIDIRECTIONAL] = 2;
    *connection = made;
    return STATUS_SUCCESS;
}

static Connection* MakeServer(Connection* client)
{
    Connection* server = Allocate(sizeof *server);
    server->next_id[BIDIRECTIONAL] = 1;
    server->next_id[UNIDIRECTIONAL] = 3;
    server->local = client->remote;
    server->remote = client->local;
    server->peer = client;
    return server;
}

static void Fail(Connection* connection, int status, uint64_t code)
{
    if (connection->is_over)
    {
        return;
    }

    connection->is_over = 1;
    Event* event = PostToConnection(connection, CONNECTION_FAILED);
    event->connection.failed.status = status;
    event->connection.failed.code = code;
    PostToConnection(connection, CONNECTION_SHUTDOWN_COMPLETE);
}

// The listener says whether it takes a client. It is given the server's end, and configures it later, when the application has said how.
static void DeliverNewConnection(Event* event)
{
    Connection* client = event->newcomer;
    Connection* server = client->peer;
    if (server->is_over)
    {
        return;
    }

    const Protocol* protocol = &client->configuration->protocol;
    NewConnectionInfo info = { 0 };
    info.version = 1;
    info.local = &server->local;
    info.remote = &server->remote;
    info.protocol_length = protocol->length;
    info.protocol = (const uint8_t*)protocol->name;
    info.server_name_length = (uint16_t)strlen(client->server_name);
    info.server_name = client->server_name;

    ListenerEvent told = { .type = LISTENER_NEW_CONNECTION };
    told.new_connection.info = &info;
    told.new_connection.connection = server;
    if (CallBack(event->handle, &told) != STATUS_SUCCESS || server->handle.callback == NULL)
    {
        server->is_over = 1;
        Fail(client, STATUS_REFUSED, ERROR_CONNECTION_REFUSED);
    }
}

static void BindLocal(Connection* connection)
{
    struct sockaddr_in* local = &connection->local.v4;
    local->sin_family = connection->remote.v4.sin_family;
    if (local->sin_family == AF_INET && local->sin_addr.s_addr == INADDR_ANY)
    {
        local->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }

    if (local->sin_port == 0)
    {
        local->sin_port = NextPort();
    }
}

static int IsSame(const Protocol* one, const Protocol* other)
{
    return one->length == other->length && memcmp(one->name, other->name, one->length) == 0;
}

// Family and port are in the address too, which the framework has set before.
int ConnectionStart(Connection* connection, Configuration* configuration, uint16_t family, const char* server_name, uint16_t port)
{
    (void)family;
    (void)port;
    Lock();
    connection->configuration = configuration;
    snprintf(connection->server_name, sizeof connection->server_name, "%s", server_name == NULL ? "" : server_name);
    BindLocal(connection);
    Listener* listener = FindListener(connection->remote.v4.sin_port);
    if (listener == NULL)
    {
        Fail(connection, STATUS_REFUSED, ERROR_CONNECTION_REFUSED);
    }
    else if (!IsSame(&listener->protocol, &configuration->protocol))
    {
        Fail(connection, STATUS_NO_COMMON_PROTOCOL, ERROR_TLS_ALERT + ALERT_NO_COMMON_PROTOCOL);
    }
    else
    {
        connection->peer = MakeServer(connection);
        Post(&listener->handle, DeliverNewConnection)->newcomer = connection;
    }

    Unlock();
    return STATUS_SUCCESS;
}

static void Connected(Connection* connection)
{
    const Protocol* protocol = &connection->configuration->protocol;
    const uint16_t* streams = connection->peer->configuration->streams;
    connection->is_connected = 1;
    connection->available[BIDIRECTIONAL] = streams[BIDIRECTIONAL];
    connection->available[UNIDIRECTIONAL] = streams[UNIDIRECTIONAL];

    Event* event = PostToConnection(connection, CONNECTION_CONNECTED);
    event->connection.connected.protocol_length = protocol->length;
    event->connection.connected.protocol = (const uint8_t*)protocol->name;
    event = PostToConnection(connection, CONNECTION_STREAMS_AVAILABLE);
    event->connection.streams_available.bidirectional = streams[BIDIRECTIONAL];
    event->connection.streams_available.unidirectional = streams[UNIDIRECTIONAL];
}

// The client has judged the server's certificate; both ends learn of it.
static void EndHandshake(Connection* client, int alert)
{
    if (!client->awaits_verdict || client->is_over)
    {
        return;
    }

    client->awaits_verdict = 0;
    if (alert == 0)
    {
        Connected(client);
        Connected(client->peer);
        return;
    }

    Fail(client, STATUS_TLS_ALERT + alert, (uint64_t)(ERROR_TLS_ALERT + alert));
    Fail(client->peer, STATUS_TLS_ALERT + alert, (uint64_t)(ERROR_TLS_ALERT + alert));
}

static void DeliverCertificate(Event* event)
{
    Connection* client = (Connection*)event->handle;
    if (client->is_over)
    {
        return;
    }

    const Configuration* server = client->peer->configuration;
    ConnectionEvent told = { .type = CONNECTION_PEER_CERTIFICATE };
    told.peer_certificate.certificate = &server->certificate;
    told.peer_certificate.chain = &server->chain;
    client->awaits_verdict = 1;
    int status = CallBack(&client->handle, &told);
    if (status != STATUS_PENDING)
    {
        EndHandshake(client, status == STATUS_SUCCESS ? 0 : ALERT_BAD_CERTIFICATE);
    }
}

// The server is ready, and shows its certificate.
int ConnectionSetConfiguration(Connection* connection, Configuration* configuration)
{
    Lock();
    connection->configuration = configuration;
    Post(&connection->peer->handle, DeliverCertificate);
    Unlock();
    return STATUS_SUCCESS;
}

int ConnectionCertificateValidationComplete(Connection* connection, uint8_t is_good, int alert)
{
    Lock();
    EndHandshake(connection, is_good ? 0 : alert);
    Unlock();
    return STATUS_SUCCESS;
}

static void ClosedByPeer(Connection* connection, uint64_t code)
{
    if (!connection->is_connected)
    {
        Fail(connection, STATUS_GIVEN_UP, code);
        return;
    }

    connection->is_over = 1;
    PostToConnection(connection, CONNECTION_CLOSED_BY_PEER)->connection.closed_by_peer.code = code;
    EndStreams(connection, code, END_BY_APPLICATION | END_BY_PEER);
    PostToConnection(connection, CONNECTION_SHUTDOWN_COMPLETE);
}

void ConnectionShutdown(Connection* connection, int flags, uint64_t code)
{
    (void)flags;
    Lock();
    if (!connection->is_over)
    {
        connection->is_over = 1;
        EndStreams(connection, code, END_BY_APPLICATION);
        PostToConnection(connection, CONNECTION_SHUTDOWN_COMPLETE);
        if (connection->peer != NULL && !connection->peer->is_over)
        {
            ClosedByPeer(connection->peer, code);
        }
    }

    Unlock();
}
