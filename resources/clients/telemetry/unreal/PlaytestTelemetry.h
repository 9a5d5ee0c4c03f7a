// A small client of the telemetry API for Unreal Engine 5, without plug-ins. NOT RUN YET by its authors: read it as a
// complete sketch. (PlaytestOutbox.h, which holds the encoder and the queue, is tested.)
//
// Copy the files of this folder into your module's source and add to its Build.cs:
//   PrivateDependencyModuleNames.AddRange(new[] { "HTTP", "Json" });
// Then, from anywhere in the game:
//   auto* Telemetry = GameInstance->GetSubsystem<UPlaytestTelemetry>();
//   Telemetry->Event("Player_Jump", "Level 1", Pawn->GetActorLocation());
#pragma once

#include "CoreMinimal.h"
#include "Containers/Ticker.h"
#include "Dom/JsonObject.h"
#include "Interfaces/IHttpRequest.h"
#include "Subsystems/GameInstanceSubsystem.h"
#include "PlaytestOutbox.h"
#include "PlaytestTelemetry.generated.h"

UCLASS()
class UPlaytestTelemetry : public UGameInstanceSubsystem
{
    GENERATED_BODY()

public:
    FString Url = TEXT("http://localhost:4000");
    FString PublicKey = TEXT("pk_live_YOUR_KEY");
    FString AppId = TEXT("YOUR_APP_ID");
    FString BuildId = TEXT("1.0.0");
    FString PlayerId;
    FString SessionId;

    virtual void Initialize(FSubsystemCollectionBase& Collection) override;
    virtual void Deinitialize() override;

    // What happens; none of these waits. Call them from the game thread. Empty text and null are left out.

    /** Say once who plays. */
    void CreatePlayer(const FString& Region = {}, const TSharedPtr<FJsonObject>& Hardware = nullptr);

    /** Something happened. `Position` is in Unreal's centimetres: choose Unreal's axes for the level in the console. */
    void Event(const FString& Name, const FString& LevelId = {}, const TOptional<FVector>& Position = {},
        const TSharedPtr<FJsonObject>& CustomData = nullptr, const FString& InputMethod = {});

    /** The player reached a step of a funnel, such as the tutorial's end. */
    void FunnelStep(const FString& Name, const FString& LevelId = {});

    /** Where the player was, evenly spread from `StartedAt` to `EndedAt` (FDateTime::UtcNow()). `Fps` holds mean, low_5
     * and low_1. One trajectory every few seconds is a good measure. */
    void Trajectory(const TArray<FVector>& Positions, const FDateTime& StartedAt, const FDateTime& EndedAt,
        const TSharedPtr<FJsonObject>& Fps = nullptr, const FString& LevelId = {});

    const Playtest::Outbox& GetOutbox() const { return Outbox; }

private:
    Playtest::Outbox Outbox;
    FTSTicker::FDelegateHandle Ticker;
    FHttpRequestPtr Sending;

    bool Tick(float DeltaSecs);
    void Send(const Playtest::Bytes& Body);
    void Answered(FHttpResponsePtr Response);
    TSharedRef<FJsonObject> NewEvent() const;
    void Add(const FJsonObject& Fields);
};
