package dev.agentlab.calls;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import dev.agentlab.modelclient.RouteDecision.SkippedTarget;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// The record of a model call. It has no content of the request or the response.
///
/// @param decision empty for a call without a route, and in a list
/// @param attempts empty in a list
/// @param losses empty in a list
@SchemaName("Call")
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Call(
    UUID id,
    Instant startedAt,
    @SchemaDescription(
            "The id of the HTTP request, as in the header field `Agent-Lab-Request-Id`. A client may repeat it.")
        String requestId,
    @SchemaDescription("The id that the provider gave the last attempt.")
        Optional<String> providerRequestId,
    @SchemaDescription("The API key or other caller.") CallCaller caller,
    @SchemaDescription("The API of the client, such as `openai`.") String dialect,
    @SchemaDescription("What was requested, such as `chat` or `embeddings`.") String operation,
    boolean streamed,
    @SchemaDescription("The agent that was run.") Optional<Revised> agent,
    @SchemaDescription("The route that decided about the targets.") Optional<Revised> route,
    Optional<UUID> providerId,
    @SchemaDescription("The name of the provider that was called last.") String provider,
    @SchemaDescription("The model that was requested last.") String model,
    @SchemaDescription("The name of the target that was called last.") Optional<String> target,
    Optional<String> session,
    Optional<String> endUser,
    Map<String, String> tags,
    CallStatus status,
    @SchemaDescription("`success`, or the kind of the failure, such as `timed_out`.")
        String outcome,
    @SchemaDescription("The status of the response of the provider to a failed call.")
        Optional<Long> upstreamStatus,
    @SchemaDescription("What went wrong.") Optional<String> message,
    Optional<String> finishReason,
    CallTokens tokens,
    @SchemaDescription("From the start of the call to its end, in microseconds.") long durationUs,
    @SchemaDescription(
            "From the start of the call to the first content of a stream, in microseconds.")
        Optional<Long> firstContentUs,
    @SchemaDescription("The size of the last request to a provider.") long requestBytes,
    @SchemaDescription("The size of the response to it.") long responseBytes,
    @SchemaDescription("How the route decided; not in a list.") Optional<Decision> decision,
    @SchemaDescription("All attempts in order; not in a list.") Optional<List<Attempt>> attempts,
    @SchemaDescription("What the translation of the request ignored or changed; not in a list.")
        Optional<List<String>> losses) {

  public Call {
    tags = Map.copyOf(tags);
    attempts = attempts.map(List::copyOf);
    losses = losses.map(List::copyOf);
  }

  /// The caller of a call.
  ///
  /// @param owner the caller that made the key for itself, as `key:<id>` or `token:<subject>`
  @SchemaName("CallCaller")
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record CallCaller(
      @SchemaDescription("`key`, `token`, or `anyone` if authentication is disabled.") String kind,
      String id,
      String name,
      @SchemaDescription(
              "The caller that made the key for itself, as `key:<id>` or `token:<subject>`.")
          Optional<String> owner) {}

  /// An agent or a route as it was at the time of the call.
  @SchemaName("CallRevision")
  public record Revised(UUID id, String name, long revision) {}

  /// The numbers of tokens, each empty if the provider does not report it.
  ///
  /// @param source `reported`, `estimated` or `none`
  @SchemaName("CallTokens")
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record CallTokens(
      @SchemaDescription(
              "`reported` by the provider, `estimated`, or `none` if the numbers are not known.")
          String source,
      @SchemaDescription("Input that was neither read from nor written to a cache.")
          Optional<Long> input,
      @SchemaDescription("Input that was read from a cache.") Optional<Long> cachedInput,
      @JsonProperty("cache_write_5m")
          @SchemaDescription("Input that was written to a cache for five minutes.")
          Optional<Long> cacheWrite5m,
      @JsonProperty("cache_write_1h")
          @SchemaDescription("Input that was written to a cache for an hour.")
          Optional<Long> cacheWrite1h,
      @SchemaDescription("All output, including reasoning.") Optional<Long> output,
      @SchemaDescription("The part of the output that is reasoning.") Optional<Long> reasoning) {}

  /// How a route decided about a call.
  @SchemaName("CallDecision")
  public record Decision(
      @SchemaDescription("The targets in the order in which they were tried or skipped.")
          List<String> order,
      @SchemaDescription("The targets that were not called.") List<SkippedTarget> skipped) {
    public Decision {
      order = List.copyOf(order);
      skipped = List.copyOf(skipped);
    }
  }

  /// One attempt of a call.
  @SchemaName("CallAttempt")
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Attempt(
      String target,
      String provider,
      String model,
      @SchemaDescription("`success`, or the kind of the failure.") String outcome,
      Optional<String> message,
      @SchemaDescription("In microseconds.") long latencyUs) {}
}
