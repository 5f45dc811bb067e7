// What is exported: the table of functions, and the parameters that the framework sets and asks for. See standin.h for what this is and what it is not.
#include <string.h>
#include "standin.h"

static int RegistrationOpen(const void* settings, Handle** registration)
{
    (void)settings;
    *registration = Allocate(sizeof **registration);
    return STATUS_SUCCESS;
}

static int SetParameter(Handle* handle, uint32_t parameter, uint32_t length, const void* value)
{
    Connection* connection = (Connection*)handle;
    if (length > sizeof(Address))
    {
        length = sizeof(Address);
    }

    Lock();
    if (parameter == PARAMETER_LOCAL_ADDRESS)
    {
        memcpy(&connection->local, value, length);
    }
    else if (parameter == PARAMETER_REMOTE_ADDRESS)
    {
        memcpy(&connection->remote, value, length);
    }

    Unlock();
    return STATUS_SUCCESS;
}

static int Give(const void* value, size_t size, uint32_t* length, void* to)
{
    memset(to, 0, *length);
    memcpy(to, value, size < *length ? size : *length);
    return STATUS_SUCCESS;
}

static int GetParameter(Handle* handle, uint32_t parameter, uint32_t* length, void* value)
{
    static const uint32_t version[] = { 2, 4, 8, 0 };
    static const uint32_t openssl = 1;
    static const uint32_t handshake[] = { 0x3000, 0x6610, 256, 0x800D, 0, 0, 0, 0x1302 };      // TLS 1.3, TLS_AES_256_GCM_SHA384: said, not done
    switch (parameter)
    {
        case PARAMETER_LIBRARY_VERSION:
            return Give(version, sizeof version, length, value);
        case PARAMETER_LIBRARY_COMMIT:
            return Give("stand-in", sizeof "stand-in", length, value);
        case PARAMETER_TLS_PROVIDER:
            return Give(&openssl, sizeof openssl, length, value);
        case PARAMETER_LISTENER_ADDRESS:
            return Give(&((Listener*)handle)->address, sizeof(Address), length, value);
        case PARAMETER_LOCAL_ADDRESS:
            return Give(&((Connection*)handle)->local, sizeof(Address), length, value);
        case PARAMETER_REMOTE_ADDRESS:
            return Give(&((Connection*)handle)->remote, sizeof(Address), length, value);
        case PARAMETER_HANDSHAKE:
            return Give(handshake, sizeof handshake, length, value);
        case PARAMETER_STREAM_ID:
            return Give(&((Stream*)handle)->id, sizeof((Stream*)handle)->id, length, value);
        default:
            return STATUS_NOT_SUPPORTED;
    }
}

// What System.Net.Quic does not call.
static int NotSupported(void)
{
    return STATUS_NOT_SUPPORTED;
}

static Functions s_functions = {
    .set_context = NotSupported,
    .get_context = NotSupported,
    .set_callback = SetCallback,
    .set_parameter = SetParameter,
    .get_parameter = GetParameter,
    .registration_open = RegistrationOpen,
    .registration_close = CloseHandle,
    .registration_shutdown = NotSupported,
    .configuration_open = ConfigurationOpen,
    .configuration_close = CloseHandle,
    .configuration_load_credential = ConfigurationLoadCredential,
    .listener_open = ListenerOpen,
    .listener_close = CloseHandle,
    .listener_start = ListenerStart,
    .listener_stop = ListenerStop,
    .connection_open = ConnectionOpen,
    .connection_close = CloseHandle,
    .connection_shutdown = ConnectionShutdown,
    .connection_start = ConnectionStart,
    .connection_set_configuration = ConnectionSetConfiguration,
    .connection_send_ticket = NotSupported,
    .stream_open = StreamOpen,
    .stream_close = StreamClose,
    .stream_start = StreamStart,
    .stream_shutdown = StreamShutdown,
    .stream_send = StreamSend,
    .stream_receive_complete = NotSupported,
    .stream_receive_set_enabled = StreamReceiveSetEnabled,
    .datagram_send = NotSupported,
    .connection_ticket_validation_complete = NotSupported,
    .connection_certificate_validation_complete = ConnectionCertificateValidationComplete,
};

__attribute__((visibility("default"))) int MsQuicOpenVersion(uint32_t version, const Functions** functions)
{
    *functions = &s_functions;
    return version == 2 ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
}

__attribute__((visibility("default"))) void MsQuicClose(const Functions* functions)
{
    (void)functions;
}
