package dev.agentlab.http;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Spelling;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/// A value that a route reads from the path, the query or a header: its place, its meaning and how
/// its text becomes a value. The same declaration reads requests and documents them.
///
/// @param place where the text stands
/// @param name as it stands there; a header's name in its usual capitals
/// @param description one sentence for the API description
/// @param format the value's JSON Schema format or type, for the API description
/// @param length of the text in characters, for the API description
/// @param choices all texts it may be, for the API description; empty if they are no closed list
/// @param parse turns the text into a value; throws [IllegalArgumentException] whose message says
///   what would be right
public record Param<T>(
    Place place,
    String name,
    String description,
    Format format,
    Optional<Length> length,
    List<String> choices,
    Function<String, T> parse) {

  public Param {
    choices = List.copyOf(choices);
  }

  /// How long a text may be.
  ///
  /// @param max [Integer#MAX_VALUE] if there is no limit
  public record Length(int min, int max) {}

  public Param(
      Place place, String name, String description, Format format, Function<String, T> parse) {
    this(place, name, description, format, Optional.empty(), List.of(), parse);
  }

  /// Where a parameter stands.
  public enum Place {
    PATH,
    QUERY,
    HEADER
  }

  /// The shape of a parameter's text.
  public enum Format {
    TEXT,
    INTEGER,
    UUID,
    /// As RFC 3339 has it.
    DATE_TIME
  }

  /// The id of the resource a path names.
  public static Param<UUID> id(String description) {
    return new Param<>(Place.PATH, "id", description, Format.UUID, Param::uuid);
  }

  /// The id or the name of the resource a path names.
  public static Param<IdOrName> idOrName(String description) {
    return new Param<>(Place.PATH, "id", description, Format.TEXT, IdOrName::of);
  }

  public static Param<Long> pathInteger(String name, String description) {
    return new Param<>(Place.PATH, name, description, Format.INTEGER, Param::integer);
  }

  public static Param<Long> queryInteger(String name, String description) {
    return new Param<>(Place.QUERY, name, description, Format.INTEGER, Param::integer);
  }

  public static Param<String> queryText(String name, String description) {
    return new Param<>(Place.QUERY, name, description, Format.TEXT, Function.identity());
  }

  /// A text that is one of a closed list.
  ///
  /// @param choices in the order in which an error names them
  public static Param<String> queryChoice(String name, String description, List<String> choices) {
    return new Param<>(
        Place.QUERY,
        name,
        description,
        Format.TEXT,
        Optional.empty(),
        choices,
        text -> choice(text, choices));
  }

  public static <T> Param<T> header(String name, String description, Function<String, T> parse) {
    return new Param<>(Place.HEADER, name, description, Format.TEXT, parse);
  }

  /// Describes how long the text may be; whoever reads it enforces that.
  public Param<T> withLength(int min, int max) {
    return new Param<>(
        place, name, description, format, Optional.of(new Length(min, max)), choices, parse);
  }

  /// @throws InvalidInputException if the text is no such value
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
    return IdOrName.uuid(text)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "must be a UUID such as 123e4567-e89b-12d3-a456-426614174000"));
  }

  private static Long integer(String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a whole number", e);
    }
  }
}
