// Who waits for connections, found by port: there is one host.
#include <arpa/inet.h>
#include "standin.h"

// Above the range that the kernel gives to clients: a test's real socket has none of these.
enum
{
    FIRST_PORT = 61000,
    LAST_PORT = 65535,
};

static Listener* s_listeners;
static unsigned s_port = LAST_PORT;

// In the byte order of the network.
uint16_t NextPort(void)
{
    s_port = s_port == LAST_PORT ? FIRST_PORT : s_port + 1;
    return htons((uint16_t)s_port);
}

Listener* FindListener(uint16_t port)
{
    Listener* listener = s_listeners;
    while (listener != NULL && listener->address.v4.sin_port != port)
    {
        listener = listener->next;
    }

    return listener;
}

int ListenerOpen(Handle* registration, Callback callback, void* context, Listener** listener)
{
    (void)registration;
    *listener = Allocate(sizeof **listener);
    InitialiseHandle(&(*listener)->handle, callback, context);
    return STATUS_SUCCESS;
}

static int Start(Listener* listener, const Buffer* protocols, uint32_t count, const Address* address)
{
    listener->address = *address;
    if (address->v4.sin_port == 0)
    {
        listener->address.v4.sin_port = NextPort();
    }

    if (FindListener(listener->address.v4.sin_port) != NULL)
    {
        return STATUS_ADDRESS_IN_USE;
    }

    int status = ReadProtocol(&listener->protocol, protocols, count);
    if (status == STATUS_SUCCESS)
    {
        listener->next = s_listeners;
        s_listeners = listener;
    }

    return status;
}

int ListenerStart(Listener* listener, const Buffer* protocols, uint32_t count, const Address* address)
{
    Lock();
    int status = Start(listener, protocols, count, address);
    Unlock();
    return status;
}

void ListenerStop(Listener* listener)
{
    Lock();
    Listener** place = &s_listeners;
    while (*place != NULL && *place != listener)
    {
        place = &(*place)->next;
    }

    if (*place != NULL)
    {
        *place = listener->next;
        PostToListener(listener, LISTENER_STOP_COMPLETE);
    }

    Unlock();
}
