// What waits to be sent, and when. Knows nothing of Unity or HTTP: it hands out bodies and is told of the answers.
//
// The server stores a batch as a whole or not at all: one that it refuses is cut in halves until the wrong event is
// alone, and only that is given up.

using System;
using System.Collections.Generic;
using System.Globalization;

public sealed class PlaytestOutbox
{
    public const int MaxBatchEvents = 500;
    public const int MaxBatchBytes = 512 * 1024;
    public const int MaxQueuedEvents = 10000;
    public const int MaxQueuedBytes = 32 * 1024 * 1024;
    public const double FlushEverySecs = 1.5;
    public const double FirstPauseSecs = 0.5;
    public const double MaxPauseSecs = 30;

    readonly Queue<byte[]> queue = new Queue<byte[]>();
    // Under way: to be sent again, or halves of a refused one; the last comes first.
    readonly Stack<List<byte[]>> batches = new Stack<List<byte[]>>();
    readonly Random random = new Random();
    int queuedBytes;
    double pauseSecs = FirstPauseSecs;
    double flushAt = double.NegativeInfinity;
    double notBefore = double.NegativeInfinity;

    /// <summary>Events stored by the server, refused by it, and given up by a full queue.</summary>
    public int Sent { get; private set; }
    public int Refused { get; private set; }
    public int Lost { get; private set; }

    public bool IsEmpty { get { return queue.Count == 0 && batches.Count == 0; } }

    /// <summary>Queue one event as MessagePack. When the queue is full the oldest is given up.</summary>
    public void Add(byte[] packed)
    {
        queue.Enqueue(packed);
        queuedBytes += packed.Length;
        while (queue.Count > MaxQueuedEvents || queuedBytes > MaxQueuedBytes)
        {
            queuedBytes -= queue.Dequeue().Length;
            Lost++;
        }
    }

    /// <summary>The body to send now, null when nothing is due. `atOnce` does not wait for more events.</summary>
    public byte[] Due(double nowSecs, bool atOnce)
    {
        if (nowSecs < notBefore) return null;
        if (batches.Count == 0)
        {
            var full = queue.Count >= MaxBatchEvents || queuedBytes >= MaxBatchBytes;
            if (queue.Count == 0 || !(full || atOnce || nowSecs >= flushAt)) return null;
            flushAt = nowSecs + FlushEverySecs;
            batches.Push(Take());
        }
        return BodyOf(batches.Peek());
    }

    /// <summary>
    /// Tell of the answer to the body that Due gave last: `status` 0 when there was none. Returns null, or in words
    /// what the server refused.
    /// </summary>
    public string Answered(long status, string retryAfter, string text, double nowSecs)
    {
        if (status == 0 || status == 429 || status == 502 || status == 503 || status == 504)
        {
            double wait;
            var named = double.TryParse(retryAfter, NumberStyles.Float, CultureInfo.InvariantCulture, out wait);
            if (!named || double.IsNaN(wait)) wait = pauseSecs;
            // The random part keeps a thousand clients from coming back in the same moment.
            notBefore = nowSecs + Math.Min(Math.Max(wait, 0), 300) * (1 + 0.3 * random.NextDouble());
            pauseSecs = Math.Min(2 * pauseSecs, MaxPauseSecs);
            return null;
        }
        pauseSecs = FirstPauseSecs;
        var batch = batches.Pop();
        if ((status == 400 || status == 413) && batch.Count > 1)
        {
            var middle = batch.Count / 2;
            batches.Push(batch.GetRange(middle, batch.Count - middle));
            batches.Push(batch.GetRange(0, middle));
            return null;
        }
        if (status >= 200 && status < 300)
        {
            Sent += batch.Count;
            return null;
        }
        Refused += batch.Count;
        return batch.Count + " event(s) refused with " + status + ": " + text;
    }

    List<byte[]> Take()
    {
        var batch = new List<byte[]>();
        var size = 5;
        while (queue.Count > 0 && batch.Count < MaxBatchEvents)
        {
            size += queue.Peek().Length;
            if (batch.Count > 0 && size > MaxBatchBytes) break;
            queuedBytes -= queue.Peek().Length;
            batch.Add(queue.Dequeue());
        }
        return batch;
    }

    // An array of events (array 32).
    static byte[] BodyOf(List<byte[]> batch)
    {
        var size = 5;
        foreach (var packed in batch) size += packed.Length;
        var body = new byte[size];
        var count = (uint)batch.Count;
        body[0] = 0xdd;
        for (var i = 0; i < 4; i++) body[1 + i] = (byte)(count >> (24 - 8 * i));
        var at = 5;
        foreach (var packed in batch)
        {
            Buffer.BlockCopy(packed, 0, body, at, packed.Length);
            at += packed.Length;
        }
        return body;
    }
}
