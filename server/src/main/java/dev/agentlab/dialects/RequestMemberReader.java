package dev.agentlab.dialects;

import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.conversation.UnreadMembers;
import dev.agentlab.errors.InvalidInputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// The members of an object in a request that have not been read or translated yet. Each member is
/// removed when it is read, so that the remaining ones can be kept or reported instead of silently
/// dropped.
final class RequestMemberReader {
  private final String path;
  private final ObjectNode remaining;
  private final UnaryOperator<String> spelling;
  private final TranslationWarnings warnings;

  private RequestMemberReader(
      String path, ObjectNode json, UnaryOperator<String> spelling, TranslationWarnings warnings) {
    this.path = path;
    this.spelling = spelling;
    this.warnings = warnings;
    remaining = JsonNodeFactory.instance.objectNode();
    json.forEachEntry((name, value) -> {
      String spelled = spelling.apply(name);
      if (remaining.has(spelled)) {
        throw invalid(spelled, "is given twice, in two spellings");
      }
      remaining.set(spelled, value);
    });
  }

  /// The members of a client's request.
  static RequestMemberReader of(ObjectNode request) {
    return of(request, UnaryOperator.identity());
  }

  /// The members of a client's request in an API that accepts several spellings.
  ///
  /// @param spelling returns the spelling by which members are read
  static RequestMemberReader of(ObjectNode request, UnaryOperator<String> spelling) {
    return new RequestMemberReader("", request, spelling, new TranslationWarnings());
  }

  /// The members that the reader of the client's request has not read.
  ///
  /// @param warnings collects the warnings about ignored members
  static RequestMemberReader of(UnreadMembers unread, TranslationWarnings warnings) {
    return new RequestMemberReader(
        unread.path(), unread.members(), UnaryOperator.identity(), warnings);
  }

  /// The members of an object nested in this one.
  ///
  /// @param relativePath the path of the nested object, such as `messages[2]`
  /// @throws InvalidInputException if the value is not an object
  RequestMemberReader nested(String relativePath, JsonNode json) {
    if (json instanceof ObjectNode object) {
      return new RequestMemberReader(path(relativePath) + ".", object, spelling, warnings);
    }
    throw new InvalidInputException(path(relativePath), "must be an object");
  }

  /// Removes an object member and returns its members; none if it is absent.
  ///
  /// @throws InvalidInputException if the value is not an object
  RequestMemberReader nested(String name) {
    return object(name) instanceof ObjectNode object
        ? nested(name, object)
        : nested(name, JsonNodeFactory.instance.objectNode());
  }

  /// The remaining members.
  UnreadMembers unread() {
    return remaining.isEmpty()
        ? UnreadMembers.NONE
        : new UnreadMembers(path, remaining, Optional.empty());
  }

  /// The remaining members, and those of objects inside this one.
  UnreadMembers unread(RequestMemberReader... inner) {
    Optional<UnreadMembers> rest = Optional.empty();
    for (RequestMemberReader reader : List.of(inner).reversed()) {
      if (!reader.remaining.isEmpty()) {
        rest = Optional.of(new UnreadMembers(reader.path, reader.remaining, rest));
      }
    }
    return rest.isEmpty() ? unread() : new UnreadMembers(path, remaining, rest);
  }

  /// Removes a member and returns its value; a missing node if it is absent or `null`.
  JsonNode take(String name) {
    JsonNode value = remaining.remove(name);
    return value == null || value.isNull() ? MissingNode.getInstance() : value;
  }

  /// Returns the value of a member without removing it; a missing node if it is absent or `null`.
  JsonNode peek(String name) {
    JsonNode value = remaining.path(name);
    return value.isNull() ? MissingNode.getInstance() : value;
  }

  /// Removes a string member and returns its value; empty if it is absent.
  ///
  /// @throws InvalidInputException if the value is not a string
  Optional<String> text(String name) {
    return takeTyped(name, JsonNode::isString, "must be a string").stringValueOpt();
  }

  /// Removes a string member and returns its value.
  ///
  /// @throws InvalidInputException if it is absent, not a string, or empty
  String required(String name) {
    return text(name)
        .filter(text -> !text.isEmpty())
        .orElseThrow(() -> invalid(name, "is required"));
  }

  /// Removes a number member and returns its value; a missing node if it is absent.
  ///
  /// @throws InvalidInputException if the value is not a number
  JsonNode number(String name) {
    return takeTyped(name, JsonNode::isNumber, "must be a number");
  }

  /// Removes an object member and returns its value; a missing node if it is absent.
  ///
  /// @throws InvalidInputException if the value is not an object
  JsonNode object(String name) {
    return takeTyped(name, JsonNode::isObject, "must be an object");
  }

  /// Removes an array member and returns its value; a missing node if it is absent.
  ///
  /// @throws InvalidInputException if the value is not an array
  JsonNode list(String name) {
    return takeTyped(name, JsonNode::isArray, "must be an array");
  }

  /// Removes a boolean member and returns its value.
  ///
  /// @param defaultValue the value if the member is absent
  /// @throws InvalidInputException if the value is not a boolean
  boolean flag(String name, boolean defaultValue) {
    return takeTyped(name, JsonNode::isBoolean, "must be a boolean").booleanValue(defaultValue);
  }

  /// Moves a member to the options of the request, unless it is absent.
  ///
  /// @throws InvalidInputException if the value does not have the type of the option
  void option(RequestOption option, String name, Map<RequestOption, Member<JsonNode>> options) {
    JsonNode value = take(name);
    if (value.isMissingNode()) {
      return;
    }
    if (!option.type().matches(value)) {
      throw invalid(name, "must be " + option.type().description());
    }
    options.put(option, new Member<>(path(name), value));
  }

  private JsonNode takeTyped(String name, Predicate<JsonNode> type, String message) {
    JsonNode value = take(name);
    if (!value.isMissingNode() && !type.test(value)) {
      throw invalid(name, message);
    }
    return value;
  }

  /// Moves a member unchanged to another object, under the name `as`.
  void move(String name, ObjectNode to, String as) {
    JsonNode value = take(name);
    if (!value.isMissingNode()) {
      to.set(as, value);
    }
  }

  /// @throws InvalidInputException if the member has a value other than `false`, `null` or an empty
  ///   container
  void reject(String name, String message) {
    if (hasEffect(take(name))) {
      throw invalid(name, message);
    }
  }

  /// Removes a member that the provider does not support, and adds a warning if it has an effect.
  void ignore(String name, String reason) {
    if (hasEffect(take(name))) {
      warnIgnored(name, reason);
    }
  }

  /// @param name the name of a member, or another suffix of the path
  void warnIgnored(String name, String reason) {
    warnings.addIgnored(path(name), reason);
  }

  /// Adds a warning about a member.
  ///
  /// @param what the rest of a sentence that begins with the path of the member
  void warn(String name, String what) {
    warnings.add(path(name), what);
  }

  /// Removes all remaining members and adds a warning for each that has an effect.
  void ignoreRest(String reason) {
    List.copyOf(remaining.propertyNames()).forEach(name -> ignore(name, reason));
  }

  /// Moves all remaining members to another object, except those that it already has.
  void moveRest(ObjectNode to) {
    for (String name : List.copyOf(remaining.propertyNames())) {
      if (!to.has(name)) {
        move(name, to, name);
      }
    }
  }

  InvalidInputException invalid(String name, String message) {
    return new InvalidInputException(path(name), message);
  }

  /// The path of a member of this object in the request.
  String path(String name) {
    return path + name;
  }

  /// Whether a value differs from an absent one: it is not `false` or an empty container.
  static boolean hasEffect(JsonNode value) {
    return !value.isMissingNode()
        && !value.equals(BooleanNode.FALSE)
        && !(value.isContainer() && value.isEmpty());
  }
}
