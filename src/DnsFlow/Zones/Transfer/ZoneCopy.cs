using System.Globalization;
using System.Text;
using DnsFlow.Protocol;

namespace DnsFlow.Zones.Transfer;

/// <summary>
/// The last good version of a transferred zone on disk, as a master file: written beside and renamed, so that there is always a whole one. Its time of
/// change is when a primary last said that it is good.
/// </summary>
internal static class ZoneCopy
{
    /// <summary>Writes a version, and returns what went wrong; null when nothing did.</summary>
    public static string? Save(string path, IReadOnlyList<ZoneRecord> records, DateTimeOffset now)
    {
        var beside = path + ".new";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
                writer.WriteLine("; Written by DnsFlow from a zone transfer. Changes made here are lost.");
                foreach (var record in records)
                {
                    var data = RdataText.ToText(record.Type, RecordClass.IN, record.Data);
                    writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{NameText.Print(record.Owner)}\t{record.Ttl}\tIN\t{record.Type.ToText()}\t{data}"));
                }

                writer.Flush();
                stream.Flush(flushToDisk: true);
            }

            File.SetLastWriteTimeUtc(beside, now.UtcDateTime);
            File.Move(beside, path, overwrite: true);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return exception.Message;
        }
    }

    /// <summary>Notes that a primary said the version is good; returns what went wrong.</summary>
    public static string? Touch(string path, DateTimeOffset now)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, now.UtcDateTime);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    /// <summary>Reads the version; null when there is none, or none that is whole.</summary>
    public static TransferredZone? Load(SecondarySettings settings, ulong seed, out DateTimeOffset confirmed)
    {
        confirmed = default;
        if (!File.Exists(settings.CopyPath) || !ZoneFolder.TryRead(settings.CopyPath, MaxTextBytes, out var content, out _))
        {
            return null;
        }

        var errors = new ZoneErrors();
        var reader = new ZoneFileReader(null, errors, settings.MaxRecords, settings.MaxMemory);
        reader.Read(settings.CopyPath, content, DomainName.Root, MaxTextBytes);
        confirmed = new DateTimeOffset(File.GetLastWriteTimeUtc(settings.CopyPath), TimeSpan.Zero);
        return errors.Any ? null : TransferredZone.Build(settings, reader.Records, seed, out _);
    }

    /// <summary>Text is longer than the wire form that <see cref="SecondarySettings.MaxBytes"/> bounds.</summary>
    public const int MaxTextBytes = 1 << 30;
}
