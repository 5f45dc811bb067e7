namespace DnsFlow.Lists.Syntaxes;

/// <summary>
/// Where the names of a policy zone end and the zone's own name begins. Fragments do not say the zone's name; then every owner is a trigger as it stands.
/// </summary>
internal sealed class RpzOrigin
{
    private string? _apex;
    private string? _origin;

    /// <summary>Takes an origin; the first one is the zone's name.</summary>
    public void Set(string origin)
    {
        _origin = origin.EndsWith('.') ? origin[..^1] : _origin is null ? origin : $"{origin}.{_origin}";
        _apex ??= _origin;
    }

    /// <summary>Takes the owner of the SOA record, which is the zone's name where it is absolute.</summary>
    public void SetApex(string owner)
    {
        if (owner.Length > 1 && owner.EndsWith('.'))
        {
            _apex = owner[..^1];
            _origin ??= _apex;
        }
    }

    /// <summary>The trigger in an owner; empty for the zone's own name.</summary>
    public string Trigger(string owner)
    {
        var isAbsolute = owner.EndsWith('.');
        var name = owner == "@" ? _origin ?? "" : isAbsolute ? owner[..^1] : _origin is null ? owner : $"{owner}.{_origin}";
        return string.IsNullOrEmpty(_apex) ? name
            : name.Equals(_apex, StringComparison.OrdinalIgnoreCase) ? ""
            : name.EndsWith("." + _apex, StringComparison.OrdinalIgnoreCase) ? name[..^(_apex.Length + 1)]
            : name;
    }
}
