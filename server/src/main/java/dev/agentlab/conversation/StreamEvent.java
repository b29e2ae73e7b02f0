package dev.agentlab.conversation;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/// An event of a model's response in neutral form. A complete response is the same sequence of
/// events as a stream.
///
/// A response has one or several choices, numbered from 0 as a rule. The content of a choice
/// consists of blocks of text, of reasoning and of input for a tool, and of [VendorContent]. Each
/// block starts, has deltas, and ends. Blocks have ids that are unique in the response, and blocks
/// of one choice may overlap. Each choice ends with [ChoiceFinished], and a complete response with
/// [ResponseFinished]. A sequence without [ResponseFinished] and [ResponseFailed] is truncated.
public sealed interface StreamEvent {

  /// Whether the event has a part of the message, as opposed to its beginning, its end or data
  /// about it.
  default boolean isContent() {
    return false;
  }

  /// An event of one choice.
  sealed interface ChoiceEvent extends StreamEvent {
    /// The number of the choice.
    int choice();
  }

  /// The response has begun. Sent again if the provider changes a value.
  ///
  /// @param id the provider's id of the response
  /// @param model the model that responds
  /// @param created when the response was created, in seconds since 1970, if the provider reports
  ///   it
  record ResponseStarted(Optional<String> id, Optional<String> model, OptionalLong created)
      implements StreamEvent {}

  /// The provider has begun the message of a choice; its content may follow much later. Not every
  /// provider reports this.
  record MessageStarted(int choice) implements ChoiceEvent {}

  /// A block of text starts.
  record TextStarted(int choice, int block) implements ChoiceEvent {}

  /// A part of a text.
  record TextDelta(int choice, int block, String text) implements ChoiceEvent {
    @Override
    public boolean isContent() {
      return !text.isEmpty();
    }
  }

  /// A block of text ends.
  record TextEnded(int choice, int block) implements ChoiceEvent {}

  /// A block of reasoning starts.
  record ReasoningStarted(int choice, int block) implements ChoiceEvent {}

  /// A part of the readable reasoning.
  record ReasoningDelta(int choice, int block, String text) implements ChoiceEvent {
    @Override
    public boolean isContent() {
      return !text.isEmpty();
    }
  }

  /// A block of reasoning ends.
  ///
  /// @param signature the vendor's proof that the text is unchanged
  /// @param redacted the encrypted reasoning, in place of readable text
  /// @param original the whole block in the vendor's format, if the vendor needs it back in the
  ///   next request
  record ReasoningEnded(
      int choice,
      int block,
      Optional<String> signature,
      Optional<String> redacted,
      Optional<VendorMembers> original)
      implements ChoiceEvent {
    @Override
    public boolean isContent() {
      return original.isPresent();
    }
  }

  /// The call of a tool starts.
  ///
  /// @param input the first part of the arguments, a JSON text; possibly empty or all of it
  /// @param vendorData data about the call that the vendor needs back in the next request
  record ToolInputStarted(
      int choice,
      int block,
      String callId,
      String name,
      String input,
      Optional<VendorMembers> vendorData)
      implements ChoiceEvent {
    @Override
    public boolean isContent() {
      return true;
    }
  }

  /// A further part of the arguments of a tool call.
  record ToolInputDelta(int choice, int block, String input) implements ChoiceEvent {
    @Override
    public boolean isContent() {
      return true;
    }
  }

  /// The arguments of a tool call are complete.
  record ToolInputEnded(int choice, int block) implements ChoiceEvent {}

  /// Content without a neutral form. Lists of one name that arrive in several events are one list.
  record VendorContent(int choice, VendorMembers content) implements ChoiceEvent {
    @Override
    public boolean isContent() {
      return content.members().valueStream().anyMatch(VendorContent::hasContent);
    }

    private static boolean hasContent(JsonNode value) {
      return value.isString() ? !value.stringValue().isEmpty() : !value.isEmpty();
    }
  }

  /// The probabilities of the next tokens of a choice.
  record LogProbabilities(int choice, List<TokenProbability> tokens) implements ChoiceEvent {
    public LogProbabilities {
      tokens = List.copyOf(tokens);
    }
  }

  /// Data about a choice without a neutral form.
  record ChoiceVendorData(int choice, VendorMembers data) implements ChoiceEvent {}

  /// A choice is complete.
  ///
  /// @param vendor the vendor of the model, such as `anthropic`
  /// @param vendorReason the vendor's own word for the reason; empty if it gave none
  record ChoiceFinished(int choice, FinishReason reason, String vendor, String vendorReason)
      implements ChoiceEvent {}

  /// The response is complete: the last event.
  ///
  /// @param vendorData data about the response without a neutral form
  record ResponseFinished(TokenUsage usage, Optional<VendorMembers> vendorData)
      implements StreamEvent {}

  /// The provider reported an error, or what it sent is not valid: the last event. The texts are
  /// neither sanitized nor bounded, and may contain an API key.
  ///
  /// @param type the provider's error type, such as `overloaded_error`
  /// @param code a more specific code
  /// @param param the request member that caused the error
  record ResponseFailed(
      String message, Optional<String> type, Optional<String> code, Optional<String> param)
      implements StreamEvent {}
}
