using System.Net;
using System.Net.Http.Headers;
using EdgeSparse.Compiler.Reporting;

namespace EdgeSparse.Compiler.Data.Downloads;

/// <summary>
/// A download into a file that goes on where an earlier one ended (HTTP range requests, RFC 9110 section 14). A connection that
/// breaks is tried again; a server that knows no ranges is asked for the whole.
/// </summary>
internal sealed class ResumingDownload(HttpClient client, TimeSpan pause, TimeSpan stall)
{
    private const int MostFailuresInARow = 3;
    private const int MostAttempts = 20;

    /// <summary>Fetches <paramref name="url"/> into <paramref name="part"/>, which stays when the download does not end.</summary>
    /// <exception cref="DataException">No connection, an answer that is an error, or the disk is full or not writable.</exception>
    public async Task FetchAsync(Uri url, string part, IProgressSink progress, CancellationToken cancel)
    {
        int failures = 0;
        for (int attempt = 1; ; attempt++)
        {
            long start = File.Exists(part) ? new FileInfo(part).Length : 0;
            try
            {
                await AttemptAsync(url, part, start, progress, cancel);
                return;
            }
            catch (BrokenTransferException broken)
            {
                failures = File.Exists(part) && new FileInfo(part).Length > start ? 0 : failures + 1;
                if (failures == MostFailuresInARow || attempt == MostAttempts)
                {
                    throw new DataException(broken.Message, broken.InnerException);
                }
            }

            await Task.Delay(pause * (failures + 1), cancel);
        }
    }

    private async Task AttemptAsync(Uri url, string part, long start, IProgressSink progress, CancellationToken cancel)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, url);
        if (start > 0)
        {
            request.Headers.Range = new RangeHeaderValue(start, null);
        }

        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(stall);
        using HttpResponseMessage response = await Guarded(
            () => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token), url, cancel);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // The part is as long as the file or longer; whether it is right, its digest will say.
            return;
        }

        if ((int)response.StatusCode >= 500)
        {
            throw new BrokenTransferException($"{url}: the server answers {(int)response.StatusCode}; try again later");
        }

        if (!response.IsSuccessStatusCode)
        {
            throw new DataException($"{url}: the server answers {(int)response.StatusCode} ({response.StatusCode})");
        }

        bool goesOn = start > 0
            && response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange?.From == start;
        long already = goesOn ? start : 0;
        long total = already + (response.Content.Headers.ContentLength ?? 0);
        using IProgressTask task = progress.Begin($"getting {url.Segments[^1]}", total, "bytes");
        task.Advance(already);
        using FileStream file = Open(part, goesOn);
        using Stream body = await Guarded(() => response.Content.ReadAsStreamAsync(patience.Token), url, cancel);
        byte[] buffer = new byte[1 << 16];
        while (true)
        {
            patience.CancelAfter(stall);
            int read = await Guarded(() => body.ReadAsync(buffer, patience.Token).AsTask(), url, cancel);
            if (read == 0)
            {
                break;
            }

            Guarded(() => file.Write(buffer, 0, read), part);
            task.Advance(read);
        }

        Guarded(() => file.Flush(flushToDisk: true), part);
    }

    private static async Task<T> Guarded<T>(Func<Task<T>> network, Uri url, CancellationToken cancel)
    {
        try
        {
            return await network();
        }
        catch (OperationCanceledException error) when (!cancel.IsCancellationRequested)
        {
            throw new BrokenTransferException($"{url}: the server sends nothing; what has come is kept, so try again later", error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new BrokenTransferException($"{url}: cannot be reached: {error.Message}; check the network and try again", error);
        }
    }

    private static FileStream Open(string part, bool append)
    {
        try
        {
            return new FileStream(part, append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"cannot write '{part}': {error.Message}", error);
        }
    }

    private static void Guarded(Action disk, string part)
    {
        try
        {
            disk();
        }
        catch (IOException error)
        {
            throw new DataException($"cannot write '{part}': {error.Message}; make room, and the download goes on from here", error);
        }
    }

    /// <summary>The network's fault, worth another attempt.</summary>
    private sealed class BrokenTransferException(string message, Exception? inner = null) : Exception(message, inner);
}
