package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ChoiceVendorData;
import dev.agentlab.conversation.StreamEvent.LogProbabilities;
import dev.agentlab.conversation.StreamEvent.MessageStarted;
import dev.agentlab.conversation.StreamEvent.ReasoningDelta;
import dev.agentlab.conversation.StreamEvent.ReasoningEnded;
import dev.agentlab.conversation.StreamEvent.ReasoningStarted;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.StreamEvent.ResponseStarted;
import dev.agentlab.conversation.StreamEvent.TextDelta;
import dev.agentlab.conversation.StreamEvent.TextEnded;
import dev.agentlab.conversation.StreamEvent.TextStarted;
import dev.agentlab.conversation.StreamEvent.ToolInputDelta;
import dev.agentlab.conversation.StreamEvent.ToolInputEnded;
import dev.agentlab.conversation.StreamEvent.ToolInputStarted;
import dev.agentlab.conversation.StreamEvent.VendorContent;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenProbability;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the events of a response as the parts of Google's `GenerateContentResponse`
/// (https://ai.google.dev/api/generate-content), for clients of that API: what complete responses
/// and streams share.
///
/// A function call is one part, so that it is written when its arguments are complete. Data of the
/// vendor `google` stands at its own place. What another vendor needs back in the next request is
/// in the `thoughtSignature` of the part that follows it, or of the last one ([ReplayCarrier]).
/// Other data of other vendors is in members `extraContent`.
abstract sealed class GeminiContentWriter permits GeminiResponseWriter, GeminiStreamWriter {
  private static final String EXTRA_CONTENT = "extraContent";

  /// The memory of a call or a candidate, apart from its texts, in bytes.
  private static final int ELEMENT_BYTES = 512;

  private final String requestedModel;
  private final Instant at;
  private final SortedMap<Integer, Candidate> candidates = new TreeMap<>();
  private ResponseStarted start =
      new ResponseStarted(Optional.empty(), Optional.empty(), OptionalLong.empty());
  private int callCount;

  /// The members of the response, apart from candidates and usage.
  private final ObjectNode members = ProviderJson.object();

  /// The memory of calls, candidates and members, in bytes.
  private long retainedBytes;

  /// A choice.
  private static final class Candidate {
    private final WaitingContent waiting = new WaitingContent();
    private final Map<Integer, Call> openCalls = new LinkedHashMap<>();
    private final ObjectNode members = ProviderJson.object();
    private Optional<ChoiceFinished> finish = Optional.empty();
    private boolean hasRefusal;
  }

  /// A function call whose arguments are still growing.
  private record Call(
      String id, String name, Optional<VendorMembers> data, StringBuilder arguments) {}

  /// @param requestedModel the model if the response does not name one
  /// @param at when the response began
  GeminiContentWriter(String requestedModel, Instant at) {
    this.requestedModel = requestedModel;
    this.at = at;
  }

  /// Adds a part of a text, or of a thought.
  ///
  /// @param signature the `thoughtSignature` of the part
  abstract void text(int choice, String text, boolean isThought, Optional<String> signature);

  /// Adds a complete part.
  abstract void part(int choice, ObjectNode part);

  /// Adds the content of an event.
  final void addContent(StreamEvent event) {
    switch (event) {
      case ResponseStarted started -> start = started;
      case ChoiceEvent choiceEvent -> {
        Candidate candidate = candidates.get(choiceEvent.choice());
        if (candidate == null) {
          candidate = new Candidate();
          candidates.put(choiceEvent.choice(), candidate);
          retainedBytes += ELEMENT_BYTES;
        }
        addContent(choiceEvent, candidate);
      }
      case ResponseFinished finished -> {
        candidates.forEach(this::endCalls);
        finished.vendorData().ifPresent(data -> addMembers(data, members));
      }
      case ResponseFailed _ -> {}
    }
  }

  private void addContent(ChoiceEvent event, Candidate candidate) {
    int choice = event.choice();
    switch (event) {
      case TextDelta delta -> text(candidate, choice, delta.text());
      case ReasoningDelta delta -> {
        if (!delta.text().isEmpty()) {
          text(choice, delta.text(), true, Optional.empty());
        }
      }
      case ReasoningEnded ended -> ended.original().ifPresent(candidate.waiting::add);
      case ToolInputStarted started -> startCall(candidate, started);
      case ToolInputDelta delta -> {
        Call call = candidate.openCalls.get(delta.block());
        if (call != null) {
          call.arguments.append(delta.input());
          retainedBytes += 2L * delta.input().length();
        }
      }
      case ToolInputEnded ended -> {
        Call call = candidate.openCalls.remove(ended.block());
        if (call != null) {
          endCall(candidate, choice, call);
        }
      }
      case VendorContent content -> addVendorContent(candidate, choice, content.content());
      case LogProbabilities probabilities -> {
        ObjectNode result = candidate.members.withObjectProperty("logprobsResult");
        probabilities.tokens().forEach(token -> addToken(token, result));
      }
      case ChoiceVendorData data -> addChoiceData(candidate, data.data());
      case ChoiceFinished finished -> candidate.finish = Optional.of(finished);
      case MessageStarted _, TextStarted _, TextEnded _, ReasoningStarted _ -> {}
    }
  }

  private void text(Candidate candidate, int choice, String text) {
    if (!text.isEmpty()) {
      text(choice, text, false, takeSignature(candidate));
    }
  }

  /// The signature that carries the content of other vendors.
  private static Optional<String> takeSignature(Candidate candidate) {
    return candidate.waiting.isEmpty()
        ? Optional.empty()
        : Optional.of(ReplayCarrier.encode(candidate.waiting.take(), Optional.empty()));
  }

  private void startCall(Candidate candidate, ToolInputStarted started) {
    // Some servers give no ids, but the client needs them to return the results.
    String id =
        started.callId().isEmpty()
            ? "call_%d_%d".formatted(at.toEpochMilli(), callCount)
            : started.callId();
    callCount++;
    retainedBytes += ELEMENT_BYTES + 2L * started.input().length();
    candidate.openCalls.put(
        started.block(),
        new Call(id, started.name(), started.vendorData(), new StringBuilder(started.input())));
  }

  private void endCalls(int choice, Candidate candidate) {
    candidate.openCalls.values().forEach(call -> endCall(candidate, choice, call));
    candidate.openCalls.clear();
  }

  private void endCall(Candidate candidate, int choice, Call call) {
    retainedBytes -= ELEMENT_BYTES + 2L * call.arguments.length();
    Optional<String> ofCall = call.data.map(data -> signature(data, call.id));
    Optional<String> ofMessage = takeSignature(candidate);
    if (ofCall.isPresent()) {
      ofMessage.ifPresent(it -> text(choice, "", false, Optional.of(it)));
    }
    ObjectNode part = ProviderJson.object();
    ObjectNode json = part.putObject("functionCall").put("id", call.id).put("name", call.name);
    ToolArguments.write(call.arguments.toString(), json, "args");
    ofCall.or(() -> ofMessage).ifPresent(it -> part.put("thoughtSignature", it));
    part(choice, part);
  }

  private static String signature(VendorMembers data, String callId) {
    return isOwn(data)
        ? data.members().path("thought_signature").stringValue("")
        : ReplayCarrier.encode(
            ProviderJson.object().set(data.vendor(), data.members()), Optional.of(callId));
  }

  private static boolean isOwn(VendorMembers data) {
    return data.vendor().equals(Gemini.VENDOR);
  }

  private void addVendorContent(Candidate candidate, int choice, VendorMembers content) {
    content
        .members()
        .forEachEntry((name, value) -> {
          if (isOwn(content) && name.equals("parts")) {
            value
                .valueStream()
                .filter(ObjectNode.class::isInstance)
                .forEach(part -> part(choice, (ObjectNode) part));
          } else if (isOwn(content) && name.equals("thought_signature")) {
            text(choice, "", false, value.stringValueOpt());
          } else if (content.vendor().equals(ChatCompletions.VENDOR)
              && name.equals("refusal")
              && value.isString()) {
            candidate.hasRefusal |= !value.stringValue().isEmpty();
            text(candidate, choice, value.stringValue());
          } else {
            candidate.waiting.add(content.vendor(), name, value);
          }
        });
  }

  private void addToken(TokenProbability token, ObjectNode result) {
    result.withArrayProperty("chosenCandidates").add(token(token));
    ArrayNode alternatives =
        result.withArrayProperty("topCandidates").addObject().putArray("candidates");
    token.alternatives().forEach(alternative -> alternatives.add(token(alternative)));
    retainedBytes += ELEMENT_BYTES * (1L + token.alternatives().size());
  }

  private static ObjectNode token(TokenProbability token) {
    return ProviderJson.object()
        .put("token", token.token())
        .set("logProbability", token.logProbability());
  }

  private void addChoiceData(Candidate candidate, VendorMembers data) {
    if (isOwn(data) && data.members().has("promptFeedback")) {
      addMembers(data, members);
    } else {
      addMembers(data, candidate.members);
    }
  }

  /// Adds data about the response or a candidate, except Google's finish reason, which is that of
  /// the candidate. Of a member that chunks repeat, the last value counts.
  private void addMembers(VendorMembers data, ObjectNode target) {
    data.members()
        .forEachEntry((name, value) -> {
          if (value.isNull() || (isOwn(data) && name.equals("finishReason"))) {
            return;
          }
          ObjectNode object =
              isOwn(data)
                  ? target
                  : target.withObjectProperty(EXTRA_CONTENT).withObjectProperty(data.vendor());
          retainedBytes += WaitingContent.set(object, name, value);
        });
  }

  /// The response, or the last chunk of a stream.
  ///
  /// @param parts the parts of each candidate that are not written yet; not empty
  final ObjectNode response(Map<Integer, ArrayNode> parts, TokenUsage usage) {
    ObjectNode json = ProviderJson.object();
    ArrayNode list = ProviderJson.array();
    candidates.forEach((choice, candidate) -> {
      ObjectNode written = list.addObject();
      written.putObject("content").set("parts", parts.get(choice)).put("role", "model");
      written.put("finishReason", finishReason(candidate)).put("index", choice);
      written.setAll(candidate.members);
    });
    if (!list.isEmpty()) {
      json.set("candidates", list);
    }
    json.setAll(members);
    if (!usage.equals(TokenUsage.NONE)) {
      json.set("usageMetadata", usage(usage));
    }
    return json.put("modelVersion", model()).put("responseId", id());
  }

  /// The signatures that are left for the last part of each candidate.
  final Map<Integer, Optional<String>> takeSignatures() {
    Map<Integer, Optional<String>> signatures = new TreeMap<>();
    candidates.forEach((choice, it) -> signatures.put(choice, takeSignature(it)));
    return signatures;
  }

  final String model() {
    return start.model().orElse(requestedModel);
  }

  final String id() {
    return start.id().orElseGet(() -> "resp_" + at.toEpochMilli());
  }

  /// The memory of what waits to be written, in bytes.
  public long retainedBytes() {
    long bytes = retainedBytes;
    for (Candidate candidate : candidates.values()) {
      bytes += candidate.waiting.retainedBytes();
    }
    return bytes;
  }

  /// Why the first candidate ended.
  final Optional<FinishReason> firstReason() {
    return candidates.isEmpty()
        ? Optional.empty()
        : candidates.firstEntry().getValue().finish.map(ChoiceFinished::reason);
  }

  private static String finishReason(Candidate candidate) {
    boolean isOwn = candidate.finish.filter(it -> it.vendor().equals(Gemini.VENDOR)).isPresent();
    String word = candidate.finish.map(ChoiceFinished::vendorReason).orElse("");
    if (isOwn && !word.isEmpty()) {
      return word;
    }
    return switch (candidate.finish.map(ChoiceFinished::reason).orElse(FinishReason.STOP)) {
      case STOP, TOOL_CALLS, OTHER -> candidate.hasRefusal ? "SAFETY" : "STOP";
      case LENGTH -> "MAX_TOKENS";
      case CONTENT_FILTER -> "SAFETY";
    };
  }

  /// Writes the `usageMetadata` object. Its count of the prompt includes cached tokens, and that of
  /// the candidates excludes thoughts. Tokens written to a cache are part of the prompt, and have a
  /// member that Google's API lacks.
  static ObjectNode usage(TokenUsage usage) {
    ObjectNode json =
        ProviderJson.object()
            .put("promptTokenCount", usage.totalInput())
            .put(
                "candidatesTokenCount",
                Math.max(0, usage.output() - usage.count(TokenClass.REASONING)));
    json.put("totalTokenCount", usage.total().orElse(usage.totalInput() + usage.output()));
    put(usage, TokenClass.CACHED_INPUT, json, "cachedContentTokenCount");
    put(usage, TokenClass.REASONING, json, "thoughtsTokenCount");
    if (usage.cacheWrites() > 0) {
      json.put("cacheWriteTokenCount", usage.cacheWrites());
    }
    usage
        .further()
        .ifPresent(further -> {
          if (isOwn(further)) {
            json.setAll(further.members());
          } else {
            json.putObject(EXTRA_CONTENT).set(further.vendor(), further.members());
          }
        });
    return json;
  }

  private static void put(TokenUsage usage, TokenClass tokens, ObjectNode json, String name) {
    if (usage.counts().containsKey(tokens)) {
      json.put(name, usage.count(tokens));
    }
  }
}
