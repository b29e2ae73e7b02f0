package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ReasoningDelta;
import dev.agentlab.conversation.StreamEvent.ReasoningEnded;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.StreamEvent.TextDelta;
import dev.agentlab.conversation.StreamEvent.ToolInputDelta;
import dev.agentlab.conversation.StreamEvent.ToolInputStarted;
import dev.agentlab.conversation.StreamEvent.VendorContent;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a client has to receive of the first choice.
///
/// @param blocks the texts, the readable reasoning and the tool calls, in their order
/// @param vendorContent what a model needs in the next request, by vendor and call
record ResponseSummary(
    List<Block> blocks,
    Map<String, String> vendorContent,
    FinishReason reason,
    Map<TokenClass, Long> counts) {

  enum Kind {
    TEXT,
    REASONING,
    CALL
  }

  record Block(Kind kind, String text) {}

  /// @param clientVendor the vendor whose stop reasons the client receives as they are
  static ResponseSummary of(String clientVendor, List<StreamEvent> events) {
    Summarizer summarizer = new Summarizer(clientVendor);
    events.stream()
        .filter(event -> !(event instanceof ChoiceEvent choice) || choice.choice() == 0)
        .forEach(summarizer::add);
    return summarizer.summary();
  }

  /// The summary for a client that does not tell adjacent blocks apart, or whether the model called
  /// tools.
  ResponseSummary merged() {
    List<Block> merged = new ArrayList<>();
    for (Block block : blocks) {
      if (block.kind != Kind.CALL && !merged.isEmpty() && merged.getLast().kind == block.kind) {
        merged.add(new Block(block.kind, merged.removeLast().text + block.text));
      } else {
        merged.add(block);
      }
    }
    boolean hasCalls = blocks.stream().anyMatch(block -> block.kind == Kind.CALL);
    return new ResponseSummary(
        merged,
        vendorContent,
        reason == FinishReason.STOP && hasCalls ? FinishReason.TOOL_CALLS : reason,
        counts);
  }

  /// Collects the events of one response.
  private static final class Summarizer {
    private static final int REFUSAL = -1;

    private final String clientVendor;
    private final Map<Integer, StringBuilder> texts = new LinkedHashMap<>();
    private final Map<Integer, Kind> kinds = new HashMap<>();
    private final Map<Integer, String> calls = new HashMap<>();
    private final Map<String, ObjectNode> vendorContent = new HashMap<>();
    private FinishReason reason = FinishReason.STOP;
    private boolean isOwnReason;
    private TokenUsage usage = TokenUsage.NONE;

    private Summarizer(String clientVendor) {
      this.clientVendor = clientVendor;
    }

    private void add(StreamEvent event) {
      switch (event) {
        case TextDelta delta -> append(delta.block(), Kind.TEXT, delta.text());
        case ReasoningDelta delta -> append(delta.block(), Kind.REASONING, delta.text());
        case ToolInputStarted started -> {
          calls.put(started.block(), started.callId() + " " + started.name() + " ");
          kinds.put(started.block(), Kind.CALL);
          texts.put(started.block(), new StringBuilder(started.input()));
          started.vendorData().ifPresent(data -> addMembers(data, started.callId()));
        }
        case ToolInputDelta delta -> append(delta.block(), Kind.CALL, delta.input());
        case ReasoningEnded ended -> ended.original().ifPresent(this::addOriginal);
        case VendorContent content -> addMembers(content.content(), "");
        case ChoiceFinished finished -> {
          reason = finished.reason();
          isOwnReason = finished.vendor().equals(clientVendor);
        }
        case ResponseFinished finished -> usage = finished.usage();
        default -> {}
      }
    }

    private void append(int block, Kind kind, String text) {
      if (!text.isEmpty()) {
        kinds.put(block, kind);
        texts.computeIfAbsent(block, _ -> new StringBuilder()).append(text);
      }
    }

    /// Adds a whole block of reasoning, or what it carries.
    private void addOriginal(VendorMembers original) {
      JsonNode block = original.members().at("/content/0");
      if (!addCarried(block.path("data")) && !block.path("signature").stringValue("-").isEmpty()) {
        addMembers(original, "");
      }
    }

    /// @return whether a text is a carrier
    private boolean addCarried(JsonNode text) {
      Optional<ReplayCarrier.Carried> carried =
          text.stringValueOpt().flatMap(ReplayCarrier::decode);
      carried.ifPresent(it ->
          it.byVendor()
              .forEachEntry((vendor, members) ->
                  addMembers(
                      new VendorMembers(vendor, (ObjectNode) members), it.call().orElse(""))));
      return carried.isPresent();
    }

    private void addMembers(VendorMembers data, String call) {
      data.members().forEachEntry((name, value) -> add(data.vendor(), call, name, value));
    }

    private void add(String vendor, String call, String name, JsonNode value) {
      boolean isText = vendor.equals("openai") && value.isString();
      if (isText && name.equals("refusal")) {
        append(REFUSAL, Kind.TEXT, value.stringValue());
      } else if (name.equals("thought_signature") && addCarried(value)) {
        // Belongs to another vendor.
        return;
      } else if (!value.isNull() && !(value.isContainer() && value.isEmpty())) {
        ObjectNode members =
            vendorContent.computeIfAbsent(vendor + call, _ -> ProviderJson.object());
        if (isText) {
          members.put(name, members.path(name).stringValue("") + value.stringValue());
        } else if (value.isArray()) {
          value.forEach(members.withArrayProperty(name)::add);
        } else {
          members.set(name, value);
        }
      }
    }

    private ResponseSummary summary() {
      if (!isOwnReason && (reason == FinishReason.STOP || reason == FinishReason.OTHER)) {
        reason = calls.isEmpty() ? FinishReason.STOP : FinishReason.TOOL_CALLS;
        reason = texts.containsKey(REFUSAL) ? FinishReason.CONTENT_FILTER : reason;
      }
      List<Block> blocks = new ArrayList<>();
      texts.forEach((block, text) ->
          blocks.add(
              new Block(
                  kinds.getOrDefault(block, Kind.TEXT),
                  calls.containsKey(block)
                      ? calls.get(block) + input(text.toString())
                      : text.toString())));
      Map<String, String> content = new HashMap<>();
      vendorContent.forEach((key, members) -> content.put(key, members.toString()));
      Map<TokenClass, Long> counts = new EnumMap<>(TokenClass.class);
      for (TokenClass tokens : TokenClass.values()) {
        counts.put(tokens, usage.count(tokens));
      }
      return new ResponseSummary(blocks, content, reason, counts);
    }

    private static String input(String text) {
      return text.isBlank() ? "{}" : ProviderJson.MAPPER.readTree(text).toString();
    }
  }
}
