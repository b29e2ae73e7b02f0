package dev.agentlab.dialects;

import dev.agentlab.errors.InvalidInputException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON object of a model request: a tree that the service built, or the bytes that a client
/// sent. Immutable; a change of a member returns a copy.
sealed interface RequestJson permits RequestTree, RequestBytes {

  boolean has(String member);

  /// The value of a member; a missing node if it is absent. Must not be changed.
  ///
  /// @throws InvalidInputException if an object in it has a duplicate member
  JsonNode value(String member);

  /// The size of the value of a member in bytes; 0 if it is absent, or if the service built it.
  int length(String member);

  /// A copy with a member that replaces the one with this name, or is appended.
  RequestJson with(String member, JsonNode value);

  /// A copy without a member.
  RequestJson without(String member);

  /// A copy in which a member has another name, and the same position.
  RequestJson renamed(String member, String to);

  /// A copy in which an array begins with another element.
  ///
  /// @throws InvalidInputException if the member is not an array
  RequestJson withFirstElement(String member, JsonNode element);

  /// The object as a tree, which must not be changed.
  ///
  /// @throws InvalidInputException if it has too many values or is nested too deeply
  ObjectNode toTree();

  /// The object as bytes: those that the client sent, except for changed members. Must not be
  /// changed.
  byte[] toBytes();

  static InvalidInputException notAnArray(String member) {
    return new InvalidInputException(member, "must be an array");
  }
}
