package dev.agentlab.dialects;

import dev.agentlab.errors.InvalidInputException;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// The members of an object within a canonical request, each taken by whoever translates it. What
/// nobody took can be told at the end, so that nothing is dropped in silence.
final class RequestMembers {
  private final String path;
  private final ObjectNode left;
  private final TranslationWarnings warnings;

  private RequestMembers(String path, ObjectNode left, TranslationWarnings warnings) {
    this.path = path;
    this.left = left;
    this.warnings = warnings;
  }

  /// The members of a whole request.
  ///
  /// @param warnings where what is left out is told
  static RequestMembers of(ObjectNode request, TranslationWarnings warnings) {
    return new RequestMembers("", copy(request), warnings);
  }

  /// The members of an object that stands somewhere within this one.
  ///
  /// @param where such as `messages[2]`
  /// @throws InvalidInputException if it is no object
  RequestMembers within(String where, JsonNode json) {
    if (json instanceof ObjectNode object) {
      return new RequestMembers(path(where) + ".", copy(object), warnings);
    }
    throw new InvalidInputException(path(where), "must be an object");
  }

  /// Translates a `content` of this message: text as one part, or each of its parts.
  ///
  /// @param part translates one, given its members and as it came
  /// @param into gets them, in order
  /// @throws InvalidInputException if it is neither text nor a list of objects
  void content(
      JsonNode content,
      Function<String, JsonNode> text,
      BiFunction<RequestMembers, JsonNode, JsonNode> part,
      ArrayNode into) {
    if (content.isString()) {
      into.add(text.apply(content.stringValue()));
    } else if (content.isArray()) {
      for (int i = 0; i < content.size(); i++) {
        String where = "content[%d]".formatted(i);
        into.add(part.apply(within(where, content.path(i)), content.path(i)));
      }
    } else {
      throw fault("content", "must be text or a list of parts");
    }
  }

  /// The value of a member, which is then no longer left; missing if there is none, or `null`.
  JsonNode take(String name) {
    JsonNode value = left.remove(name);
    return value == null || value.isNull() ? MissingNode.getInstance() : value;
  }

  /// The value of a member, which is left there; missing if there is none, or `null`.
  JsonNode peek(String name) {
    JsonNode value = left.path(name);
    return value.isNull() ? MissingNode.getInstance() : value;
  }

  /// The text of a member, which is then no longer left; empty if there is none.
  ///
  /// @throws InvalidInputException if it is something else
  Optional<String> text(String name) {
    return typed(name, JsonNode::isString, "must be text").stringValueOpt();
  }

  /// @throws InvalidInputException if it is none, or empty
  String required(String name) {
    return text(name).filter(text -> !text.isEmpty()).orElseThrow(() -> fault(name, "is required"));
  }

  /// The number in a member; missing if there is none.
  ///
  /// @throws InvalidInputException if it is something else
  JsonNode number(String name) {
    return typed(name, JsonNode::isNumber, "must be a number");
  }

  /// The object in a member; missing if there is none.
  ///
  /// @throws InvalidInputException if it is something else
  JsonNode object(String name) {
    return typed(name, JsonNode::isObject, "must be an object");
  }

  /// The list in a member; missing if there is none.
  ///
  /// @throws InvalidInputException if it is something else
  JsonNode list(String name) {
    return typed(name, JsonNode::isArray, "must be a list");
  }

  /// @param standard what counts if there is none
  /// @throws InvalidInputException if it is no boolean
  boolean flag(String name, boolean standard) {
    return typed(name, JsonNode::isBoolean, "must be true or false").booleanValue(standard);
  }

  private JsonNode typed(String name, Predicate<JsonNode> type, String message) {
    JsonNode value = take(name);
    if (!value.isMissingNode() && !type.test(value)) {
      throw fault(name, message);
    }
    return value;
  }

  /// Gives a member to another object as it is, under a name of its own.
  void move(String name, ObjectNode to, String as) {
    JsonNode value = take(name);
    if (!value.isMissingNode()) {
      to.set(as, value);
    }
  }

  /// @throws InvalidInputException if the member is there and says something
  void refuse(String name, String why) {
    if (says(take(name))) {
      throw fault(name, why);
    }
  }

  /// Takes a member that the provider can do nothing with and tells the caller so.
  void omit(String name, String why) {
    if (says(take(name))) {
      warn(name, why);
    }
  }

  /// @param name of a member, or what else follows the path
  void warn(String name, String why) {
    note(name, "is left out: " + why);
  }

  /// Tells the caller something of a member.
  ///
  /// @param what the rest of a sentence that begins with where the member stands
  void note(String name, String what) {
    warnings.add(path(name), what);
  }

  /// Tells the caller of every member that nobody took.
  void omitRest(String why) {
    List.copyOf(left.propertyNames()).forEach(name -> omit(name, why));
  }

  /// Gives every member that nobody took to another object, unless it has one of that name.
  void moveRest(ObjectNode to) {
    for (String name : List.copyOf(left.propertyNames())) {
      if (!to.has(name)) {
        move(name, to, name);
      }
    }
  }

  InvalidInputException fault(String name, String message) {
    return new InvalidInputException(path(name), message);
  }

  /// Where a member of this object stands in the request.
  String path(String name) {
    return path + name;
  }

  private static boolean says(JsonNode value) {
    return !value.isMissingNode()
        && !value.equals(BooleanNode.FALSE)
        && !(value.isContainer() && value.isEmpty());
  }

  private static ObjectNode copy(ObjectNode json) {
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    copy.setAll(json);
    return copy;
  }
}
