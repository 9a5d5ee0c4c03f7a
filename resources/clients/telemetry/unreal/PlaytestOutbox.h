// MessagePack, and what waits to be sent, in plain C++17: knows nothing of Unreal or HTTP. It hands out bodies and is
// told of the answers.
//
// The server stores a batch as a whole or not at all: one that it refuses is cut in halves until the wrong event is
// alone, and only that is given up.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace Playtest
{
using Bytes = std::vector<std::uint8_t>;

// Writes MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md). A map is Map(n), then n keys and values;
// an array is Array(n), then n values.
class Writer
{
public:
    Bytes Written;

    void Nil() { Written.push_back(0xc0); }
    void Bool(bool Value) { Written.push_back(Value ? 0xc3 : 0xc2); }
    void Integer(std::int64_t Value)
    {
        if (Value >= -32 && Value < 128) Written.push_back(static_cast<std::uint8_t>(Value));
        else Big(0xd3, static_cast<std::uint64_t>(Value), 8);
    }
    void Number(double Value)
    {
        std::uint64_t Bits;
        std::memcpy(&Bits, &Value, sizeof Bits);
        Big(0xcb, Bits, 8);
    }
    void Text(const char* Utf8, std::size_t Length)
    {
        Head(Length, 0xa0, 31, 0xd9, 0xda, 0xdb);
        Written.insert(Written.end(), Utf8, Utf8 + Length);
    }
    void Text(const std::string& Utf8) { Text(Utf8.data(), Utf8.size()); }
    void Map(std::size_t Count) { Head(Count, 0x80, 15, 0, 0xde, 0xdf); }
    void Array(std::size_t Count) { Head(Count, 0x90, 15, 0, 0xdc, 0xdd); }

private:
    // What has a length begins with a format byte that holds it, or is followed by it in 8, 16 or 32 bits.
    void Head(std::size_t Length, std::uint8_t Fix, std::size_t FixMax, std::uint8_t In8, std::uint8_t In16,
        std::uint8_t In32)
    {
        if (Length <= FixMax) Written.push_back(static_cast<std::uint8_t>(Fix | Length));
        else if (In8 != 0 && Length <= 0xff) Big(In8, Length, 1);
        else if (Length <= 0xffff) Big(In16, Length, 2);
        else Big(In32, Length, 4);
    }
    void Big(std::uint8_t Format, std::uint64_t Value, int Size)
    {
        Written.push_back(Format);
        for (int Shift = 8 * (Size - 1); Shift >= 0; Shift -= 8)
            Written.push_back(static_cast<std::uint8_t>(Value >> Shift));
    }
};

class Outbox
{
public:
    static constexpr std::size_t MaxBatchEvents = 500;
    static constexpr std::size_t MaxBatchBytes = 512 * 1024;
    static constexpr std::size_t MaxQueuedEvents = 10000;
    static constexpr std::size_t MaxQueuedBytes = 32 * 1024 * 1024;
    static constexpr double FlushEverySecs = 1.5;
    static constexpr double FirstPauseSecs = 0.5;
    static constexpr double MaxPauseSecs = 30;

    // Events stored by the server, refused by it, and given up by a full queue.
    std::size_t Sent = 0;
    std::size_t Refused = 0;
    std::size_t Lost = 0;

    bool IsEmpty() const { return Queue.empty() && Batches.empty(); }

    // Queue one event as MessagePack. When the queue is full the oldest is given up.
    void Add(Bytes Packed)
    {
        QueuedBytes += Packed.size();
        Queue.push_back(std::move(Packed));
        while (Queue.size() > MaxQueuedEvents || QueuedBytes > MaxQueuedBytes)
        {
            QueuedBytes -= Queue.front().size();
            Queue.pop_front();
            ++Lost;
        }
    }

    // The body to send now, empty when nothing is due. `AtOnce` does not wait for more events.
    Bytes Due(double NowSecs, bool AtOnce)
    {
        if (NowSecs < NotBefore) return {};
        if (Batches.empty())
        {
            const bool Full = Queue.size() >= MaxBatchEvents || QueuedBytes >= MaxBatchBytes;
            if (Queue.empty() || !(Full || AtOnce || NowSecs >= FlushAt)) return {};
            FlushAt = NowSecs + FlushEverySecs;
            Batches.push_back(Take());
        }
        return BodyOf(Batches.back());
    }

    // Tell of the answer to the body that Due gave last: `Status` 0 when there was none, `RetryAfterSecs` below 0 when
    // it named none. Returns how many events the server refused for good.
    std::size_t Answered(int Status, double RetryAfterSecs, double NowSecs)
    {
        if (Status == 0 || Status == 429 || Status == 502 || Status == 503 || Status == 504)
        {
            const double Wait = RetryAfterSecs >= 0 ? std::min(RetryAfterSecs, 300.0) : PauseSecs;
            // The random part keeps a thousand clients from coming back in the same moment.
            NotBefore = NowSecs + Wait * std::uniform_real_distribution<double>(1.0, 1.3)(Random);
            PauseSecs = std::min(2 * PauseSecs, MaxPauseSecs);
            return 0;
        }
        PauseSecs = FirstPauseSecs;
        Batch Answer = std::move(Batches.back());
        Batches.pop_back();
        if ((Status == 400 || Status == 413) && Answer.size() > 1)
        {
            const auto Middle = Answer.begin() + static_cast<std::ptrdiff_t>(Answer.size() / 2);
            Batches.emplace_back(Middle, Answer.end());
            Batches.emplace_back(Answer.begin(), Middle);
            return 0;
        }
        const bool Stored = Status >= 200 && Status < 300;
        (Stored ? Sent : Refused) += Answer.size();
        return Stored ? 0 : Answer.size();
    }

private:
    using Batch = std::vector<Bytes>;

    std::deque<Bytes> Queue;
    std::size_t QueuedBytes = 0;
    std::vector<Batch> Batches; // under way: to be sent again, or halves of a refused one; the last comes first
    double FlushAt = 0;
    double NotBefore = 0;
    double PauseSecs = FirstPauseSecs;
    std::mt19937 Random{std::random_device{}()};

    Batch Take()
    {
        Batch Taken;
        std::size_t Size = 5;
        while (!Queue.empty() && Taken.size() < MaxBatchEvents)
        {
            Size += Queue.front().size();
            if (!Taken.empty() && Size > MaxBatchBytes) break;
            QueuedBytes -= Queue.front().size();
            Taken.push_back(std::move(Queue.front()));
            Queue.pop_front();
        }
        return Taken;
    }

    // An array of events (array 32).
    static Bytes BodyOf(const Batch& Events)
    {
        const auto Count = static_cast<std::uint32_t>(Events.size());
        Bytes Body{0xdd, static_cast<std::uint8_t>(Count >> 24), static_cast<std::uint8_t>(Count >> 16),
            static_cast<std::uint8_t>(Count >> 8), static_cast<std::uint8_t>(Count)};
        for (const Bytes& Packed : Events) Body.insert(Body.end(), Packed.begin(), Packed.end());
        return Body;
    }
};
} // namespace Playtest
