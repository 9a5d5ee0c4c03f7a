#include "PlaytestTelemetry.h"

#include "Dom/JsonValue.h"
#include "HAL/PlatformTime.h"
#include "HttpModule.h"
#include "Interfaces/IHttpResponse.h"
#include "Misc/Guid.h"

DEFINE_LOG_CATEGORY_STATIC(LogPlaytest, Log, All);

namespace
{
constexpr float TimeoutSecs = 10;

void WriteText(Playtest::Writer& To, const FString& Text)
{
    const FTCHARToUTF8 Utf8(*Text);
    To.Text(reinterpret_cast<const char*>(Utf8.Get()), Utf8.Length());
}

void WriteObject(Playtest::Writer& To, const FJsonObject& Object);

void WriteValue(Playtest::Writer& To, const FJsonValue& Value)
{
    switch (Value.Type)
    {
    case EJson::String: WriteText(To, Value.AsString()); break;
    case EJson::Number: To.Number(Value.AsNumber()); break;
    case EJson::Boolean: To.Bool(Value.AsBool()); break;
    case EJson::Object: WriteObject(To, *Value.AsObject()); break;
    case EJson::Array:
        To.Array(Value.AsArray().Num());
        for (const TSharedPtr<FJsonValue>& Item : Value.AsArray()) WriteValue(To, *Item);
        break;
    default: To.Nil(); break;
    }
}

void WriteObject(Playtest::Writer& To, const FJsonObject& Object)
{
    To.Map(Object.Values.Num());
    for (const auto& Field : Object.Values)
    {
        WriteText(To, FString(Field.Key));
        WriteValue(To, *Field.Value);
    }
}

TArray<TSharedPtr<FJsonValue>> Numbers(const TArray<FVector>& Positions)
{
    TArray<TSharedPtr<FJsonValue>> Flat;
    for (const FVector& Position : Positions)
    {
        for (const double Number : {Position.X, Position.Y, Position.Z}) Flat.Add(MakeShared<FJsonValueNumber>(Number));
    }
    return Flat;
}

void AddGiven(FJsonObject& Fields, const FString& Name, const FString& Text)
{
    if (!Text.IsEmpty()) Fields.SetStringField(Name, Text);
}

void AddGiven(FJsonObject& Fields, const FString& Name, const TSharedPtr<FJsonObject>& Object)
{
    if (Object.IsValid()) Fields.SetObjectField(Name, Object);
}
} // namespace

void UPlaytestTelemetry::Initialize(FSubsystemCollectionBase& Collection)
{
    Super::Initialize(Collection);
    SessionId = FGuid::NewGuid().ToString(EGuidFormats::DigitsWithHyphensLower);
    if (PlayerId.IsEmpty()) PlayerId = FPlatformMisc::GetLoginId();
    if (PlayerId.IsEmpty()) PlayerId = SessionId;
    Ticker = FTSTicker::GetCoreTicker().AddTicker(FTickerDelegate::CreateUObject(this, &UPlaytestTelemetry::Tick));
}

void UPlaytestTelemetry::Deinitialize()
{
    FTSTicker::GetCoreTicker().RemoveTicker(Ticker);
    // One last batch may still leave while the engine shuts down; nobody waits for its answer.
    if (Sending.IsValid()) Sending->OnProcessRequestComplete().Unbind();
    else if (const Playtest::Bytes Body = Outbox.Due(FPlatformTime::Seconds(), true); !Body.empty())
    {
        Send(Body);
        Sending->OnProcessRequestComplete().Unbind();
    }
    Super::Deinitialize();
}

void UPlaytestTelemetry::CreatePlayer(const FString& Region, const TSharedPtr<FJsonObject>& Hardware)
{
    const TSharedRef<FJsonObject> Fields = NewEvent();
    Fields->SetStringField(TEXT("event_name"), TEXT("Create_Player"));
    Fields->SetStringField(TEXT("timestamp"), FDateTime::UtcNow().ToIso8601());
    AddGiven(*Fields, TEXT("region"), Region);
    AddGiven(*Fields, TEXT("hardware"), Hardware);
    Add(*Fields);
}

void UPlaytestTelemetry::Event(const FString& Name, const FString& LevelId, const TOptional<FVector>& Position,
    const TSharedPtr<FJsonObject>& CustomData, const FString& InputMethod)
{
    const TSharedRef<FJsonObject> Fields = NewEvent();
    Fields->SetStringField(TEXT("event_name"), Name);
    Fields->SetStringField(TEXT("session_id"), SessionId);
    Fields->SetStringField(TEXT("timestamp"), FDateTime::UtcNow().ToIso8601());
    AddGiven(*Fields, TEXT("level_id"), LevelId);
    if (Position.IsSet()) Fields->SetArrayField(TEXT("position"), Numbers({Position.GetValue()}));
    AddGiven(*Fields, TEXT("custom_data"), CustomData);
    AddGiven(*Fields, TEXT("input_method"), InputMethod);
    Add(*Fields);
}

void UPlaytestTelemetry::FunnelStep(const FString& Name, const FString& LevelId)
{
    const TSharedRef<FJsonObject> Fields = NewEvent();
    Fields->SetStringField(TEXT("funnel_step_name"), Name);
    Fields->SetStringField(TEXT("session_id"), SessionId);
    Fields->SetStringField(TEXT("timestamp"), FDateTime::UtcNow().ToIso8601());
    AddGiven(*Fields, TEXT("level_id"), LevelId);
    Add(*Fields);
}

void UPlaytestTelemetry::Trajectory(const TArray<FVector>& Positions, const FDateTime& StartedAt,
    const FDateTime& EndedAt, const TSharedPtr<FJsonObject>& Fps, const FString& LevelId)
{
    const TSharedRef<FJsonObject> Fields = NewEvent();
    Fields->SetStringField(TEXT("session_id"), SessionId);
    Fields->SetArrayField(TEXT("positions"), Numbers(Positions));
    Fields->SetStringField(TEXT("timestamp_start"), StartedAt.ToIso8601());
    Fields->SetStringField(TEXT("timestamp_end"), EndedAt.ToIso8601());
    AddGiven(*Fields, TEXT("fps"), Fps);
    AddGiven(*Fields, TEXT("level_id"), LevelId);
    Add(*Fields);
}

bool UPlaytestTelemetry::Tick(float)
{
    if (!Sending.IsValid())
    {
        const Playtest::Bytes Body = Outbox.Due(FPlatformTime::Seconds(), false);
        if (!Body.empty()) Send(Body);
    }
    return true;
}

void UPlaytestTelemetry::Send(const Playtest::Bytes& Body)
{
    Sending = FHttpModule::Get().CreateRequest();
    Sending->SetVerb(TEXT("POST"));
    Sending->SetURL(Url + TEXT("/api/events"));
    Sending->SetHeader(TEXT("x-public-token"), PublicKey);
    Sending->SetHeader(TEXT("Content-Type"), TEXT("application/msgpack"));
    Sending->SetContent(TArray<uint8>(Body.data(), static_cast<int32>(Body.size())));
    Sending->SetTimeout(TimeoutSecs);
    Sending->OnProcessRequestComplete().BindWeakLambda(
        this, [this](FHttpRequestPtr, FHttpResponsePtr Response, bool) { Answered(Response); });
    Sending->ProcessRequest();
}

void UPlaytestTelemetry::Answered(FHttpResponsePtr Response)
{
    Sending.Reset();
    const int32 Status = Response.IsValid() ? Response->GetResponseCode() : 0;
    const FString RetryAfter = Response.IsValid() ? Response->GetHeader(TEXT("Retry-After")) : FString();
    const double Wait = RetryAfter.IsNumeric() ? FCString::Atod(*RetryAfter) : -1;
    const auto Refused = Outbox.Answered(Status, Wait, FPlatformTime::Seconds());
    if (Refused > 0)
    {
        UE_LOG(LogPlaytest, Warning, TEXT("%d event(s) refused with %d: %s"), static_cast<int32>(Refused), Status,
            *Response->GetContentAsString());
    }
}

TSharedRef<FJsonObject> UPlaytestTelemetry::NewEvent() const
{
    const TSharedRef<FJsonObject> Fields = MakeShared<FJsonObject>();
    Fields->SetStringField(TEXT("app_id"), AppId);
    Fields->SetStringField(TEXT("build_id"), BuildId);
    Fields->SetStringField(TEXT("player_id"), PlayerId);
    return Fields;
}

void UPlaytestTelemetry::Add(const FJsonObject& Fields)
{
    Playtest::Writer Writer;
    WriteObject(Writer, Fields);
    Outbox.Add(std::move(Writer.Written));
}
