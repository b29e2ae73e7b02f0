package dev.agentlab.dialects;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.InvalidInputException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// A request as the bytes that a client sent, with the positions of its members. Only members that
/// are read become trees, and only members that change are written anew.
final class RequestBytes implements RequestJson {
  private static final int MAX_MEMBERS = 1_000;

  /// Members that decide which model is called, which responses it reads, and how its own is read.
  /// Some servers match names in any case and use the last one, so that another spelling could
  /// replace what was checked.
  private static final Set<String> EXACT_NAMES =
      Set.of(
          "background",
          "conversation",
          "input",
          "messages",
          "model",
          "models",
          "n",
          "previous_response_id",
          "store",
          "stream",
          "stream_options");

  private static final ObjectReader STRICT =
      ProviderJson.MAPPER.reader().with(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

  private final byte[] source;

  /// By name, in the order of the object.
  private final Map<String, Member> members;

  private final boolean isChanged;

  /// The text of a member, `"name": value`.
  ///
  /// @param array contains the text from `from` to `to`; the value begins at `valueFrom`
  @SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
  private record Member(byte[] array, int from, int valueFrom, int to) {
    static Member of(String name, byte[] value) {
      return of(name, writer -> writer.raw(value));
    }

    static Member of(String name, JsonNode value) {
      return of(name, writer -> writer.value(value));
    }

    private static Member of(String name, Consumer<Utf8JsonWriter> value) {
      Utf8JsonWriter writer = new Utf8JsonWriter().string(name).ascii(":");
      int valueFrom = writer.length();
      value.accept(writer);
      byte[] array = writer.take();
      return new Member(array, 0, valueFrom, array.length);
    }

    int length() {
      return to - from;
    }

    byte[] value() {
      return Arrays.copyOfRange(array, valueFrom, to);
    }
  }

  private RequestBytes(byte[] source, Map<String, Member> members, boolean isChanged) {
    this.source = source;
    this.members = members;
    this.isChanged = isChanged;
  }

  /// Finds the members of an object.
  ///
  /// @param source must not be changed afterwards
  /// @throws InvalidInputException if the bytes are not a JSON object in valid UTF-8, if it has too
  ///   many members, or if a member occurs twice, of which the provider might use the other value
  static RequestBytes scan(byte[] source) {
    if (!Utf8.isValid(source, 0, source.length)) {
      throw new InvalidInputException("body", "must be valid UTF-8");
    }
    Map<String, Member> members = new LinkedHashMap<>();
    JsonCursor cursor = new JsonCursor(source, 0);
    if (cursor.peek() != '{') {
      throw new InvalidInputException("body", "must be a JSON object");
    }
    try {
      cursor.beginObject();
      while (cursor.nextMember()) {
        int from = cursor.position();
        String name = cursor.name();
        requireAcceptable(name, members);
        var _ = cursor.peek();
        int valueFrom = cursor.position();
        cursor.skip();
        members.put(name, new Member(source, from, valueFrom, cursor.position()));
      }
      cursor.end();
    } catch (JsonCursor.InvalidJsonException e) {
      throw new InvalidInputException("body", "is not JSON: " + e.getMessage());
    }
    return new RequestBytes(source, members, false);
  }

  private static void requireAcceptable(String name, Map<String, Member> members) {
    if (members.containsKey(name)) {
      throw new InvalidInputException("body", "must have each member once: " + Excerpt.of(name));
    }
    if (members.size() == MAX_MEMBERS) {
      throw new InvalidInputException(
          "body", "must have at most %d members".formatted(MAX_MEMBERS));
    }
    if (!EXACT_NAMES.contains(name)
        && EXACT_NAMES.stream().anyMatch(exact -> exact.equalsIgnoreCase(name))) {
      throw new InvalidInputException(Excerpt.of(name), "must be in lower case");
    }
  }

  @Override
  public boolean has(String member) {
    return members.containsKey(member);
  }

  @Override
  public JsonNode value(String member) {
    Member found = members.get(member);
    if (found == null) {
      return MissingNode.getInstance();
    }
    try {
      if (found.array()[found.valueFrom()] == '"') {
        return StringNode.valueOf(new JsonCursor(found.array(), found.valueFrom()).string());
      }
      return STRICT.readTree(found.array(), found.valueFrom(), found.to() - found.valueFrom());
    } catch (JacksonException e) {
      throw new InvalidInputException(member, "is not valid: " + e.getOriginalMessage());
    } catch (JsonCursor.InvalidJsonException e) {
      throw new InvalidInputException(member, "is not valid: " + e.getMessage());
    }
  }

  @Override
  public int length(String member) {
    Member found = members.get(member);
    return found == null ? 0 : found.to() - found.valueFrom();
  }

  @Override
  public RequestBytes with(String member, JsonNode value) {
    return changed(member, Member.of(member, value));
  }

  private RequestBytes changed(String member, Member text) {
    Map<String, Member> copy = new LinkedHashMap<>(members);
    copy.put(member, text);
    return new RequestBytes(source, copy, true);
  }

  @Override
  public RequestBytes without(String member) {
    Map<String, Member> copy = new LinkedHashMap<>(members);
    copy.remove(member);
    return new RequestBytes(source, copy, true);
  }

  @Override
  public RequestBytes renamed(String member, String to) {
    Map<String, Member> copy = new LinkedHashMap<>();
    members.forEach((name, text) -> {
      if (name.equals(member)) {
        copy.put(to, Member.of(to, text.value()));
      } else {
        copy.put(name, text);
      }
    });
    return new RequestBytes(source, copy, true);
  }

  @Override
  public RequestBytes withFirstElement(String member, JsonNode element) {
    Member found = members.get(member);
    if (found == null || found.array()[found.valueFrom()] != '[') {
      throw RequestJson.notAnArray(member);
    }
    byte[] first = ProviderJson.MAPPER.writeValueAsBytes(element);
    int rest = found.valueFrom() + 1;
    while (JsonCursor.isSpace(found.array()[rest])) {
      rest++;
    }
    boolean isEmpty = found.array()[rest] == ']';
    byte[] value = new byte[1 + first.length + (isEmpty ? 0 : 1) + found.to() - rest];
    value[0] = '[';
    System.arraycopy(first, 0, value, 1, first.length);
    int at = 1 + first.length;
    if (!isEmpty) {
      value[at++] = ',';
    }
    System.arraycopy(found.array(), rest, value, at, found.to() - rest);
    return changed(member, Member.of(member, value));
  }

  @Override
  public ObjectNode toTree() {
    try {
      return (ObjectNode) STRICT.readTree(toBytes());
    } catch (JacksonException e) {
      throw new InvalidInputException("body", "is not JSON: " + e.getOriginalMessage());
    }
  }

  @Override
  public byte[] toBytes() {
    if (!isChanged) {
      return source;
    }
    int length = 1 + Math.max(1, members.size());
    for (Member member : members.values()) {
      length += member.length();
    }
    byte[] bytes = new byte[length];
    int at = 0;
    bytes[at++] = '{';
    for (Member member : members.values()) {
      if (at > 1) {
        bytes[at++] = ',';
      }
      System.arraycopy(member.array(), member.from(), bytes, at, member.length());
      at += member.length();
    }
    bytes[at] = '}';
    return bytes;
  }
}
