// Handles, and the queue of what they are to be told. MsQuic never calls back from within a call, so neither do we: calls put events into the queue, and one thread
// takes them out in their order.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "standin.h"

static pthread_mutex_t s_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t s_posted = PTHREAD_COND_INITIALIZER;
static pthread_cond_t s_called_back = PTHREAD_COND_INITIALIZER;
static pthread_once_t s_started = PTHREAD_ONCE_INIT;
static pthread_t s_thread;
static Handle* s_called;        // whose callback runs at this moment
static Event* s_first;
static Event* s_last;

void Lock(void)
{
    pthread_mutex_lock(&s_lock);
}

void Unlock(void)
{
    pthread_mutex_unlock(&s_lock);
}

void* Allocate(size_t size)
{
    void* memory = calloc(1, size);
    if (memory == NULL)
    {
        fputs("The stand-in for libmsquic has no memory left.\n", stderr);
        abort();
    }

    return memory;
}

void InitialiseHandle(Handle* handle, Callback callback, void* context)
{
    handle->callback = callback;
    handle->context = context;
}

// The framework frees what its callbacks use as soon as this returns: none runs then, and none comes any more.
void CloseHandle(Handle* handle)
{
    Lock();
    handle->is_closed = 1;
    while (s_called == handle && !pthread_equal(pthread_self(), s_thread))
    {
        pthread_cond_wait(&s_called_back, &s_lock);
    }

    Unlock();
}

void SetCallback(Handle* handle, Callback callback, void* context)
{
    Lock();
    InitialiseHandle(handle, callback, context);
    Unlock();
}

int CallBack(Handle* handle, void* event)
{
    if (handle->callback == NULL || handle->is_closed)
    {
        return STATUS_SUCCESS;
    }

    Callback callback = handle->callback;
    void* context = handle->context;
    s_called = handle;
    Unlock();
    int status = callback(handle, context, event);
    Lock();
    s_called = NULL;
    pthread_cond_broadcast(&s_called_back);
    return status;
}

static void* Deliver(void* unused)
{
    (void)unused;
    Lock();
    while (1)
    {
        while (s_first == NULL)
        {
            pthread_cond_wait(&s_posted, &s_lock);
        }

        Event* event = s_first;
        s_first = event->next;
        if (s_first == NULL)
        {
            s_last = NULL;
        }

        event->deliver(event);
        free(event);
    }

    return NULL;
}

static void StartThread(void)
{
    if (pthread_create(&s_thread, NULL, Deliver, NULL) != 0)
    {
        fputs("The stand-in for libmsquic cannot start its thread.\n", stderr);
        abort();
    }

    pthread_detach(s_thread);
}

Event* Post(Handle* handle, void (*deliver)(Event* event))
{
    pthread_once(&s_started, StartThread);
    Event* event = Allocate(sizeof *event);
    event->handle = handle;
    event->deliver = deliver;
    if (s_last == NULL)
    {
        s_first = event;
    }
    else
    {
        s_last->next = event;
    }

    s_last = event;
    pthread_cond_signal(&s_posted);
    return event;
}

static void Tell(Event* event)
{
    CallBack(event->handle, &event->listener);
}

Event* PostToListener(Listener* listener, int type)
{
    Event* event = Post(&listener->handle, Tell);
    event->listener.type = type;
    return event;
}

Event* PostToConnection(Connection* connection, int type)
{
    Event* event = Post(&connection->handle, Tell);
    event->connection.type = type;
    return event;
}

Event* PostToStream(Stream* stream, int type)
{
    Event* event = Post(&stream->handle, Tell);
    event->stream.type = type;
    return event;
}
