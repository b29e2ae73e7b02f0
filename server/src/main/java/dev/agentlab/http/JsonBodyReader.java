package dev.agentlab.http;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import dev.agentlab.memory.JsonFootprint;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;
import tools.jackson.databind.node.ObjectNode;

/// Reads JSON request bodies. Error messages never include messages of the parser, because those
/// quote the input, which may contain a secret.
final class JsonBodyReader {
  private static final String BODY_FIELD = "body";
  private static final String NOT_UTF_8 = "must be UTF-8 text";

  /// The maximum number of values and member names in a body. Exceeds the 300,000 token ids that
  /// OpenAI allows in an embeddings request, and the size of any conversation.
  static final int MAX_NODES = 350_000;

  private JsonBodyReader() {}

  /// Estimates the number of values and member names in a body; never too low.
  ///
  /// @throws RequestRejectedException if there are more than [#MAX_NODES]
  static int countNodes(byte[] bytes) {
    int nodes = JsonFootprint.countNodes(bytes);
    if (nodes > MAX_NODES) {
      throw RequestRejectedException.of(
          ProblemType.PAYLOAD_TOO_LARGE,
          "body: must not have more than %d values and member names".formatted(MAX_NODES));
    }
    return nodes;
  }

  /// Reads the JSON object in a form field.
  ///
  /// @throws InvalidInputException if it is not a JSON object
  static ObjectNode readObject(byte[] bytes, String field) {
    try {
      if (Json.MAPPER.readTree(decodeUtf8(bytes, field)) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw new InvalidInputException(
          toFieldErrors(e, bytes).stream()
              .map(error -> new FieldError(field, error.message()))
              .toList());
    }
    throw new InvalidInputException(field, "must be a JSON object");
  }

  /// Reads a JSON body.
  ///
  /// @throws InvalidInputException with the invalid field or position
  static Object read(byte[] bytes, ObjectReader reader) {
    return read(bytes, reader, _ -> {});
  }

  /// @param check additional validation, see [Route.RequestBody.Json]
  /// @throws InvalidInputException with the invalid fields or position
  static Object read(byte[] bytes, ObjectReader reader, Consumer<JsonNode> check) {
    if (isBlank(bytes)) {
      throw new InvalidInputException(BODY_FIELD, "must not be empty; expected JSON");
    }
    try {
      // A reader, because a string would double the memory, and because for bytes the parser would
      // detect the encoding itself.
      Object value =
          reader.readValue(
              new InputStreamReader(
                  new ByteArrayInputStream(bytes), StandardCharsets.UTF_8.newDecoder()));
      if (value == null) {
        throw new InvalidInputException(BODY_FIELD, "must not be null");
      }
      return value;
    } catch (JacksonException e) {
      FieldErrors errors = new FieldErrors();
      toFieldErrors(e, bytes).forEach(errors::add);
      if (e instanceof MismatchedInputException missing && isMissing(missing)) {
        check(bytes, check, errors);
      }
      errors.throwIfAny();
      throw e;
    }
  }

  /// Adds the errors of an object that lacks members.
  private static void check(byte[] bytes, Consumer<JsonNode> check, FieldErrors errors) {
    try {
      check.accept(Json.MAPPER.readTree(bytes));
    } catch (InvalidInputException more) {
      more.errors().stream()
          .filter(error -> !errors.hasErrorFor(error.field()))
          .forEach(errors::add);
    } catch (JacksonException _) {
      // The rest of the body is malformed.
    }
  }

  private static boolean isBlank(byte[] bytes) {
    for (byte b : bytes) {
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return false;
      }
    }
    return true;
  }

  /// Decodes UTF-8.
  ///
  /// @param field the field of the error if the bytes are not UTF-8
  static String decodeUtf8(byte[] bytes, String field) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(field, NOT_UTF_8);
    }
  }

  private static List<FieldError> toFieldErrors(JacksonException e, byte[] bytes) {
    return switch (e) {
      case ValueInstantiationException invalid
          when invalid.getCause() instanceof InvalidInputException cause ->
          cause.errors().stream().map(error -> prefixed(path(e), error)).toList();
      case UnrecognizedPropertyException unknown -> members(unknown, unknown(unknown), bytes);
      case InputCoercionException _ -> List.of(new FieldError(field(e), "is out of range"));
      case StreamConstraintsException _ ->
          List.of(
              new FieldError(
                  BODY_FIELD,
                  "is nested too deeply or has too long a number or name" + locationSuffix(e)));
      case StreamReadException _ -> List.of(new FieldError(BODY_FIELD, malformed(e)));
      case MismatchedInputException missing when isMissing(missing) ->
          members(missing, new FieldError(field(e), "is required"), bytes);
      case MismatchedInputException wrong -> List.of(new FieldError(field(e), mismatch(wrong)));
      case JacksonIOException io when io.getCause() instanceof CharacterCodingException ->
          List.of(new FieldError(BODY_FIELD, NOT_UTF_8));
      case InvalidDefinitionException definition -> throw definition;
      default -> List.of(new FieldError(field(e), "is not valid"));
    };
  }

  private static String malformed(JacksonException e) {
    return hasMessage(e, "Duplicate")
        ? "has a duplicate member" + locationSuffix(e)
        : "is not valid JSON" + locationSuffix(e);
  }

  private static FieldError unknown(UnrecognizedPropertyException e) {
    Collection<Object> known =
        e.getKnownPropertyIds() == null ? List.of() : e.getKnownPropertyIds();
    return new FieldError(
        field(e),
        "is unknown; known members are "
            + String.join(", ", known.stream().map(String::valueOf).sorted().toList()));
  }

  private static boolean isMissing(MismatchedInputException e) {
    return hasMessage(e, "Missing required")
        || hasMessage(e, "Null value")
        || hasMessage(e, "Cannot map `null`")
        || hasMessage(e, "Invalid `null`");
  }

  /// The errors of all members of the object at which the parser stopped.
  ///
  /// @param first the error at which it stopped
  private static List<FieldError> members(
      MismatchedInputException e, FieldError first, byte[] bytes) {
    String object = path(e.getPath().isEmpty() ? e.getPath() : allButLast(e.getPath()));
    List<FieldError> errors =
        MemberErrors.of(e, bytes).stream().map(error -> prefixed(object, error)).toList();
    return errors.stream().anyMatch(error -> error.field().equals(first.field()))
        ? errors
        : Stream.concat(Stream.of(first), errors.stream()).toList();
  }

  private static <T> List<T> allButLast(List<T> steps) {
    return steps.subList(0, steps.size() - 1);
  }

  private static String mismatch(MismatchedInputException e) {
    if (hasMessage(e, "Trailing token")) {
      return "has content after the end of the JSON value" + locationSuffix(e);
    }
    return "must be " + expectedType(e.getTargetType());
  }

  /// Whether the parser reports this error, for which it has no exception type.
  private static boolean hasMessage(JacksonException e, String prefix) {
    return e.getOriginalMessage().startsWith(prefix);
  }

  private static String expectedType(@Nullable Class<?> type) {
    if (type == null) {
      return "another value";
    }
    if (type.isEnum()) {
      return "one of "
          + String.join(
              ", ",
              Stream.of(type.getEnumConstants())
                  .map(constant -> Json.MAPPER.valueToTree(constant).asString())
                  .toList());
    }
    if (CharSequence.class.isAssignableFrom(type)) {
      return "a string";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "a boolean";
    }
    if (type == double.class || type == Double.class || type == BigDecimal.class) {
      return "a number";
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return "an integer";
    }
    if (type == UUID.class) {
      return "a UUID such as 123e4567-e89b-12d3-a456-426614174000";
    }
    if (type == Instant.class) {
      return "a time such as 2026-01-31T12:00:00Z";
    }
    if (Collection.class.isAssignableFrom(type) || type.isArray()) {
      return "an array";
    }
    if (type.isRecord() || Map.class.isAssignableFrom(type) || type == ObjectNode.class) {
      return "an object";
    }
    return "valid";
  }

  private static String field(JacksonException e) {
    String path = path(e);
    return path.isEmpty() ? BODY_FIELD : path;
  }

  /// The path of the error, such as `items[0].id`.
  private static String path(JacksonException e) {
    return path(e.getPath());
  }

  private static String path(List<JacksonException.Reference> steps) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference step : steps) {
      if (step.getPropertyName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".")
            .append(QueryString.printable(step.getPropertyName()));
      }
    }
    return path.toString();
  }

  private static FieldError prefixed(String path, FieldError error) {
    return path.isEmpty() ? error : new FieldError(path + "." + error.field(), error.message());
  }

  private static String locationSuffix(JacksonException e) {
    TokenStreamLocation location = e.getLocation();
    return location == null || location.getLineNr() < 1
        ? ""
        : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
  }
}
