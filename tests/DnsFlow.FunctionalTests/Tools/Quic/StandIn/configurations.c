// What an end offers: its protocol, how many streams, and a server's certificate.
#include <dlfcn.h>
#include <string.h>
#include "standin.h"

// One protocol: nobody here offers more, and choosing among them would be TLS's affair.
int ReadProtocol(Protocol* protocol, const Buffer* names, uint32_t count)
{
    if (count != 1 || names[0].length > sizeof protocol->name)
    {
        return STATUS_INVALID_PARAMETER;
    }

    protocol->length = (uint8_t)names[0].length;
    memcpy(protocol->name, names[0].octets, names[0].length);
    return STATUS_SUCCESS;
}

int ConfigurationOpen(
    Handle* registration, const Buffer* protocols, uint32_t count, const Settings* settings, uint32_t settings_size, void* context, Configuration** configuration)
{
    (void)registration;
    Configuration* made = Allocate(sizeof *made);
    InitialiseHandle(&made->handle, NULL, context);
    if (settings_size < sizeof *settings || ReadProtocol(&made->protocol, protocols, count) != STATUS_SUCCESS)
    {
        return STATUS_INVALID_PARAMETER;
    }

    made->streams[BIDIRECTIONAL] = settings->bidirectional_streams;
    made->streams[UNIDIRECTIONAL] = settings->unidirectional_streams;
    *configuration = made;
    return STATUS_SUCCESS;
}

// The framework hands certificate and key over in PKCS#12, and the other end wants the certificate in DER. OpenSSL, which .NET has loaded anyway, unpacks it; this is not
// linked to it, so that its headers are not needed.
static int Unpack(const Pkcs12* pkcs12, Buffer* certificate)
{
    void* crypto = dlopen("libcrypto.so.3", RTLD_NOW);
    if (crypto == NULL)
    {
        return STATUS_NOT_SUPPORTED;
    }

    void* (*read_pkcs12)(void*, const uint8_t**, long) = (void* (*)(void*, const uint8_t**, long))dlsym(crypto, "d2i_PKCS12");
    int (*parse)(void*, const char*, void**, void**, void**) = (int (*)(void*, const char*, void**, void**, void**))dlsym(crypto, "PKCS12_parse");
    int (*write_certificate)(void*, uint8_t**) = (int (*)(void*, uint8_t**))dlsym(crypto, "i2d_X509");
    if (read_pkcs12 == NULL || parse == NULL || write_certificate == NULL)
    {
        return STATUS_NOT_SUPPORTED;
    }

    const uint8_t* octets = pkcs12->octets;
    void* key = NULL;
    void* found = NULL;
    void* package = read_pkcs12(NULL, &octets, (long)pkcs12->length);
    if (package == NULL || !parse(package, pkcs12->password, &key, &found, NULL) || found == NULL)
    {
        return STATUS_INVALID_PARAMETER;
    }

    certificate->length = (uint32_t)write_certificate(found, &certificate->octets);
    return STATUS_SUCCESS;
}

// A client's credential is nothing but flags.
int ConfigurationLoadCredential(Configuration* configuration, const Credential* credential)
{
    return credential->type == CREDENTIAL_PKCS12 ? Unpack(credential->pkcs12, &configuration->certificate) : STATUS_SUCCESS;
}
