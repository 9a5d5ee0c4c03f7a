// Prints what the writer writes, one value a line in hexadecimal; then plays a server that refuses, and prints the counts.

#include "PlaytestOutbox.h"

#include <cstdio>
#include <functional>

using namespace Playtest;

static void Print(const std::function<void(Writer&)>& Write)
{
    Writer To;
    Write(To);
    for (const auto Byte : To.Written) std::printf("%02x", Byte);
    std::printf("\n");
}

static Bytes Event(bool Wrong)
{
    Writer To;
    To.Text(Wrong ? "wrong" : "right");
    return To.Written;
}

int main()
{
    Print([](Writer& To) { To.Nil(); });
    Print([](Writer& To) { To.Bool(true); });
    Print([](Writer& To) { To.Bool(false); });
    for (const std::int64_t Value : {0LL, 127LL, 128LL, -1LL, -32LL, -33LL, 1LL << 53, -(1LL << 53)})
        Print([=](Writer& To) { To.Integer(Value); });
    for (const double Value : {0.0, -1.25, 1e300}) Print([=](Writer& To) { To.Number(Value); });
    for (const std::size_t Length : {0, 31, 32, 255, 256, 65535, 65536})
        Print([=](Writer& To) { To.Text(std::string(Length, 'a')); });
    for (const std::size_t Count : {0, 15, 16, 65535, 65536})
        Print([=](Writer& To) { To.Array(Count); for (std::size_t i = 0; i < Count; ++i) To.Bool(true); });
    for (const std::size_t Count : {0, 15, 16, 65535, 65536})
        Print([=](Writer& To) { To.Map(Count); for (std::size_t i = 0; i < Count; ++i) { To.Integer(i); To.Nil(); } });

    Outbox Box;
    for (int i = 0; i < 12000; ++i) Box.Add(Event(i % 3000 == 2999));
    double Now = 0;
    int Requests = 0;
    for (int Step = 0; !Box.IsEmpty() && Step < 100000; ++Step, Now += 0.1)
    {
        const Bytes Body = Box.Due(Now, true);
        if (Body.empty()) continue;
        ++Requests;
        const std::string Text(Body.begin(), Body.end());
        const int Status = Requests % 7 == 0 ? 503 : Requests % 11 == 0 ? 0 : Text.find("wrong") != Text.npos ? 400 : 200;
        Box.Answered(Status, Status == 503 ? 1 : -1, Now);
    }
    std::printf("%zu %zu %zu %d\n", Box.Sent, Box.Refused, Box.Lost, Box.IsEmpty());
}
