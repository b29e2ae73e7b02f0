package dev.agentlab.http;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Spelling;
import dev.agentlab.net.Uuids;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/// A path, query or header parameter of a route. The same declaration parses requests and generates
/// the API description.
///
/// @param location the location of the parameter
/// @param name the name; for a header in its usual capitalization
/// @param description one sentence for the API description
/// @param format the JSON Schema type or format, for the API description
/// @param length the allowed length in characters, for the API description
/// @param choices all accepted texts, for the API description; empty if the set is open
/// @param isRepeatable whether a query may have the parameter several times
/// @param parse converts the text to a value; throws [IllegalArgumentException] with a message that
///   states what is accepted
public record Param<T>(
    Location location,
    String name,
    String description,
    Format format,
    Optional<Length> length,
    List<String> choices,
    boolean isRepeatable,
    Function<String, T> parse) {
  private static final int MAX_YEAR = 9999;

  public Param {
    choices = List.copyOf(choices);
  }

  /// The allowed length of a text in characters.
  ///
  /// @param max [Integer#MAX_VALUE] if there is no limit
  public record Length(int min, int max) {}

  public Param(
      Location location,
      String name,
      String description,
      Format format,
      Function<String, T> parse) {
    this(location, name, description, format, Optional.empty(), List.of(), false, parse);
  }

  /// The location of a parameter.
  public enum Location {
    PATH,
    QUERY,
    HEADER
  }

  /// The type or format of a parameter.
  public enum Format {
    TEXT,
    INTEGER,
    UUID,
    /// A timestamp of RFC 3339.
    DATE_TIME
  }

  /// A path parameter `id` with the id of a resource.
  public static Param<UUID> id(String description) {
    return new Param<>(Location.PATH, "id", description, Format.UUID, Param::uuid);
  }

  /// A path parameter `id` with the id or the name of a resource.
  public static Param<IdOrName> idOrName(String description) {
    return new Param<>(Location.PATH, "id", description, Format.TEXT, IdOrName::parse);
  }

  public static Param<String> pathText(String name, String description) {
    return new Param<>(Location.PATH, name, description, Format.TEXT, Function.identity());
  }

  public static Param<Long> pathInteger(String name, String description) {
    return new Param<>(Location.PATH, name, description, Format.INTEGER, Param::integer);
  }

  public static Param<Long> queryInteger(String name, String description) {
    return new Param<>(Location.QUERY, name, description, Format.INTEGER, Param::integer);
  }

  public static Param<String> queryText(String name, String description) {
    return new Param<>(Location.QUERY, name, description, Format.TEXT, Function.identity());
  }

  /// A query parameter with a time in RFC 3339.
  public static Param<Instant> queryTime(String name, String description) {
    return new Param<>(Location.QUERY, name, description, Format.DATE_TIME, Param::time);
  }

  /// A query parameter with the id of a resource.
  public static Param<UUID> queryId(String name, String description) {
    return new Param<>(Location.QUERY, name, description, Format.UUID, Param::uuid);
  }

  /// A query parameter with a closed list of values.
  ///
  /// @param choices the values, in the order in which an error lists them
  public static Param<String> queryChoice(String name, String description, List<String> choices) {
    return new Param<>(
        Location.QUERY,
        name,
        description,
        Format.TEXT,
        Optional.empty(),
        choices,
        false,
        text -> choice(text, choices));
  }

  public static <T> Param<T> header(String name, String description, Function<String, T> parse) {
    return new Param<>(Location.HEADER, name, description, Format.TEXT, parse);
  }

  /// Documents the allowed length; the parse function must enforce it.
  public Param<T> withLength(int min, int max) {
    return new Param<>(
        location,
        name,
        description,
        format,
        Optional.of(new Length(min, max)),
        choices,
        isRepeatable,
        parse);
  }

  /// A query parameter that may occur several times.
  public Param<T> repeatable() {
    return new Param<>(location, name, description, format, length, choices, true, parse);
  }

  /// Parses the text of the parameter.
  ///
  /// @throws InvalidInputException if the text is invalid
  T read(String text) {
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(name, String.valueOf(e.getMessage()));
    }
  }

  private static String choice(String text, List<String> choices) {
    if (!choices.contains(text)) {
      throw new IllegalArgumentException(
          "is not known, was \"%s\"; %s"
              .formatted(Excerpt.of(text), Spelling.hint(text, "known values", choices)));
    }
    return text;
  }

  private static UUID uuid(String text) {
    return Uuids.parse(text)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "must be a UUID such as 123e4567-e89b-12d3-a456-426614174000"));
  }

  private static Instant time(String text) {
    String expected =
        "must be a time such as 2026-01-31T12:00:00Z; in a query, encode a plus sign as %2B";
    try {
      OffsetDateTime time = OffsetDateTime.parse(text);
      if (time.getYear() >= 1 && time.getYear() <= MAX_YEAR) {
        return time.toInstant();
      }
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(expected, e);
    }
    throw new IllegalArgumentException(expected);
  }

  private static Long integer(String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be an integer", e);
    }
  }
}
