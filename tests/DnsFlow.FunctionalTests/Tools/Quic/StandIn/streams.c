// Streams, an end on each side. What is written at one end is appended to what the other one has not taken yet; nothing bounds that, but for how many streams there are.
#include <stdlib.h>
#include <string.h>
#include "standin.h"

int StreamOpen(Connection* connection, int flags, Callback callback, void* context, Stream** stream)
{
    Stream* made = Allocate(sizeof *made);
    InitialiseHandle(&made->handle, callback, context);
    made->connection = connection;
    made->kind = flags & STREAM_OPEN_UNIDIRECTIONAL ? UNIDIRECTIONAL : BIDIRECTIONAL;
    made->is_receiving_enabled = 1;
    made->is_receiving_over = made->kind == UNIDIRECTIONAL;
    Lock();
    made->next = connection->streams;
    connection->streams = made;
    Unlock();
    *stream = made;
    return STATUS_SUCCESS;
}

void StreamClose(Stream* stream)
{
    CloseHandle(&stream->handle);
    Lock();
    Stream** place = &stream->connection->streams;
    while (*place != NULL && *place != stream)
    {
        place = &(*place)->next;
    }

    if (*place != NULL)
    {
        *place = stream->next;
    }

    Unlock();
}

static void Accept(Stream* stream)
{
    stream->is_accepted = 1;
    stream->connection->available[stream->kind]--;
}

int StreamStart(Stream* stream, int flags)
{
    (void)flags;
    Connection* connection = stream->connection;
    Lock();
    int status = connection->is_over ? STATUS_ABORTED : STATUS_SUCCESS;
    if (status == STATUS_SUCCESS)
    {
        stream->is_started = 1;
        stream->id = connection->next_id[stream->kind];
        connection->next_id[stream->kind] += 4;
        if (connection->available[stream->kind] > 0)
        {
            Accept(stream);
        }

        Event* event = PostToStream(stream, STREAM_START_COMPLETE);
        event->stream.start_complete.id = stream->id;
        event->stream.start_complete.is_accepted = (uint8_t)stream->is_accepted;
    }

    Unlock();
    return status;
}

// A peer hears of a stream when something comes on it. Its end is a handle that the application sees for the first time.
static void Announce(Stream* stream)
{
    Connection* peer = stream->connection->peer;
    if (stream->other != NULL || !stream->is_accepted || peer->is_over)
    {
        return;
    }

    Stream* other = Allocate(sizeof *other);
    other->connection = peer;
    other->other = stream;
    other->id = stream->id;
    other->kind = stream->kind;
    other->is_started = 1;
    other->is_accepted = 1;
    other->is_receiving_enabled = 1;
    other->is_sending_over = stream->kind == UNIDIRECTIONAL;
    other->next = peer->streams;
    peer->streams = other;
    stream->other = other;

    Event* event = PostToConnection(peer, CONNECTION_PEER_STREAM_STARTED);
    event->connection.peer_stream_started.stream = other;
    event->connection.peer_stream_started.flags = (uint32_t)stream->kind;
}

static Stream* FirstThatWaits(const Connection* connection, int kind)
{
    Stream* first = NULL;
    for (Stream* stream = connection->streams; stream != NULL; stream = stream->next)
    {
        int waits = stream->kind == kind && stream->is_started && !stream->is_accepted && !stream->is_over;
        if (waits && (first == NULL || stream->id < first->id))
        {
            first = stream;
        }
    }

    return first;
}

// A stream that is over at the end which did not open it makes room for another one of the peer's.
static void MakeRoom(const Stream* stream)
{
    Connection* connection = stream->connection;
    int is_opened_by_client = (stream->id & 1) == 0;
    if (is_opened_by_client == connection->is_client)
    {
        return;
    }

    Connection* peer = connection->peer;
    peer->available[stream->kind]++;
    Stream* next = FirstThatWaits(peer, stream->kind);
    if (next != NULL)
    {
        Accept(next);
        PostToStream(next, STREAM_PEER_ACCEPTED);
    }
}

static void Finish(Stream* stream)
{
    stream->is_over = 1;
    stream->is_sending_over = 1;
    stream->is_receiving_over = 1;
    PostToStream(stream, STREAM_SHUTDOWN_COMPLETE);
    if (stream->is_accepted)
    {
        MakeRoom(stream);
    }
}

static void FinishIfBothWaysAreOver(Stream* stream)
{
    if (!stream->is_over && stream->is_sending_over && stream->is_receiving_over)
    {
        Finish(stream);
    }
}

static void EndSending(Stream* stream, int is_graceful)
{
    if (!stream->is_sending_over)
    {
        stream->is_sending_over = 1;
        PostToStream(stream, STREAM_SEND_SHUTDOWN_COMPLETE)->stream.send_shutdown_complete.is_graceful = (uint8_t)is_graceful;
        FinishIfBothWaysAreOver(stream);
    }
}

// Streams of a connection that ends.
void EndStreams(Connection* connection, uint64_t code, int end)
{
    for (Stream* stream = connection->streams; stream != NULL; stream = stream->next)
    {
        if (stream->is_started && !stream->is_over)
        {
            stream->is_over = 1;
            stream->is_sending_over = 1;
            stream->is_receiving_over = 1;
            Event* event = PostToStream(stream, STREAM_SHUTDOWN_COMPLETE);
            event->stream.shutdown_complete.is_connection_over = 1;
            event->stream.shutdown_complete.end = (uint8_t)end;
            event->stream.shutdown_complete.connection_code = code;
        }
    }
}

static void Append(Stream* stream, const uint8_t* octets, size_t count)
{
    uint8_t* all = Allocate(stream->count + count + 1);
    if (stream->count > 0)
    {
        memcpy(all, stream->octets, stream->count);
    }

    if (count > 0)
    {
        memcpy(all + stream->count, octets, count);
    }

    free(stream->octets);
    stream->octets = all;
    stream->count += count;
}

// Shows what has come. While the callback runs, more may come behind it, and the reader may enable receiving again; both must not be lost.
static void OfferOctets(Stream* stream)
{
    Buffer buffer = { (uint32_t)stream->count, stream->octets };
    StreamEvent told = { .type = STREAM_RECEIVE };
    told.receive.length = stream->count;
    told.receive.buffers = &buffer;
    told.receive.buffer_count = 1;
    stream->octets = NULL;
    stream->count = 0;
    stream->is_receiving_enabled = 0;
    int status = CallBack(&stream->handle, &told);

    Buffer later = { (uint32_t)stream->count, stream->octets };
    size_t taken = (size_t)told.receive.length;
    stream->octets = NULL;
    stream->count = 0;
    Append(stream, buffer.octets + taken, buffer.length - taken);
    Append(stream, later.octets, later.length);
    free(buffer.octets);
    free(later.octets);
    if (taken == buffer.length || status == STATUS_CONTINUE)
    {
        stream->is_receiving_enabled = 1;
    }
}

static void DeliverOctets(Event* event)
{
    Stream* stream = (Stream*)event->handle;
    while (stream->count > 0 && stream->is_receiving_enabled && !stream->is_receiving_over && !stream->handle.is_closed)
    {
        OfferOctets(stream);
    }

    if (stream->count == 0 && stream->has_peer_ended && stream->is_receiving_enabled && !stream->is_receiving_over)
    {
        StreamEvent told = { .type = STREAM_PEER_ENDED };
        stream->is_receiving_over = 1;
        CallBack(&stream->handle, &told);
        FinishIfBothWaysAreOver(stream);
    }
}

static void SendEnd(Stream* stream)
{
    if (stream->other != NULL)
    {
        stream->other->has_peer_ended = 1;
        Post(&stream->other->handle, DeliverOctets);
    }
}

static void Send(Stream* stream, const Buffer* buffers, uint32_t count)
{
    Announce(stream);
    if (stream->other != NULL)
    {
        for (uint32_t i = 0; i < count; i++)
        {
            Append(stream->other, buffers[i].octets, buffers[i].length);
        }

        Post(&stream->other->handle, DeliverOctets);
    }
}

int StreamSend(Stream* stream, const Buffer* buffers, uint32_t count, int flags, void* context)
{
    Lock();
    int status = stream->is_sending_over || !stream->is_accepted || stream->connection->is_over ? STATUS_ABORTED : STATUS_SUCCESS;
    if (status == STATUS_SUCCESS)
    {
        Send(stream, buffers, count);
        PostToStream(stream, STREAM_SEND_COMPLETE)->stream.send_complete.context = context;
        if (flags & STREAM_SEND_LAST)
        {
            SendEnd(stream);
            EndSending(stream, 1);
        }
    }

    Unlock();
    return status;
}

// RESET_STREAM (RFC 9000 section 19.4).
static void AbortSending(Stream* stream, uint64_t code)
{
    Stream* other = stream->other;
    if (other != NULL && !other->is_receiving_over)
    {
        other->is_receiving_over = 1;
        PostToStream(other, STREAM_PEER_RESET)->stream.aborted.code = code;
        FinishIfBothWaysAreOver(other);
    }

    EndSending(stream, 0);
}

// STOP_SENDING (RFC 9000 section 19.5).
static void AbortReceiving(Stream* stream, uint64_t code)
{
    Stream* other = stream->other;
    stream->is_receiving_over = 1;
    if (other != NULL && !other->is_sending_over)
    {
        PostToStream(other, STREAM_PEER_STOPPED_READING)->stream.aborted.code = code;
        EndSending(other, 0);
    }

    FinishIfBothWaysAreOver(stream);
}

static void ShutDown(Stream* stream, int flags, uint64_t code)
{
    Announce(stream);
    if (flags & STREAM_SHUTDOWN_GRACEFUL && !stream->is_sending_over)
    {
        SendEnd(stream);
        EndSending(stream, 1);
    }

    if (flags & STREAM_SHUTDOWN_ABORT_SEND && !stream->is_sending_over)
    {
        AbortSending(stream, code);
    }

    if (flags & STREAM_SHUTDOWN_ABORT_RECEIVE && !stream->is_receiving_over)
    {
        AbortReceiving(stream, code);
    }

    if (flags & STREAM_SHUTDOWN_IMMEDIATE && !stream->is_over)
    {
        Finish(stream);
    }
}

int StreamShutdown(Stream* stream, int flags, uint64_t code)
{
    Lock();
    if (!stream->is_over && stream->is_started)
    {
        ShutDown(stream, flags, code);
    }
    else if (!stream->is_over)
    {
        Finish(stream);
    }

    Unlock();
    return STATUS_SUCCESS;
}

int StreamReceiveSetEnabled(Stream* stream, uint8_t is_enabled)
{
    Lock();
    stream->is_receiving_enabled = is_enabled;
    Post(&stream->handle, DeliverOctets);
    Unlock();
    return STATUS_SUCCESS;
}
