package dev.agentlab.http;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// A `multipart/form-data` request body (RFC 7578).
///
/// @param parts in the order of the body
public record Form(List<Part> parts) {

  /// One part of the form.
  ///
  /// @param name the name of the field
  /// @param fileName the file name that the caller gave; empty if the field is not a file
  /// @param bytes the value
  @SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
  public record Part(String name, Optional<String> fileName, byte[] bytes) {}

  /// The type of a field.
  public enum Kind {
    TEXT,
    /// A JSON object.
    JSON,
    FILE
  }

  /// A field that a route accepts.
  ///
  /// @param description one sentence for the API description
  /// @param maxCount the maximum number of parts with this name
  /// @param required whether at least one part is required
  public record Field(String name, String description, Kind kind, int maxCount, boolean required) {

    public static Field text(String name, String description) {
      return new Field(name, description, Kind.TEXT, 1, true);
    }

    public static Field json(String name, String description) {
      return new Field(name, description, Kind.JSON, 1, true);
    }

    public static Field files(String name, String description, int most) {
      return new Field(name, description, Kind.FILE, most, true);
    }

    /// Returns a copy of this field that is not required.
    public Field optional() {
      return new Field(name, description, kind, maxCount, false);
    }
  }

  public Form {
    parts = List.copyOf(parts);
  }

  /// Returns the text of a field.
  ///
  /// @throws InvalidInputException if it is not UTF-8
  public Optional<String> text(String name) {
    return all(name).stream()
        .findFirst()
        .map(part -> JsonBodyReader.decodeUtf8(part.bytes(), name));
  }

  /// Returns the JSON object of a field of kind [Kind#JSON].
  ///
  /// @throws InvalidInputException if it is not a JSON object
  public Optional<ObjectNode> json(String name) {
    return all(name).stream()
        .findFirst()
        .map(part -> JsonBodyReader.readObject(part.bytes(), name));
  }

  /// Returns all parts of a field.
  public List<Part> all(String name) {
    return parts.stream().filter(part -> part.name().equals(name)).toList();
  }

  /// Validates the form against the declared fields. An empty part that is not a file counts as
  /// absent.
  ///
  /// @return the form without absent parts
  /// @throws InvalidInputException if a field is unknown, missing or given too often
  Form validate(List<Field> fields) {
    List<FieldError> errors = new ArrayList<>();
    for (Part part : parts) {
      if (fields.stream().noneMatch(field -> field.name().equals(part.name()))) {
        String known = String.join(", ", fields.stream().map(Field::name).toList());
        errors.add(
            new FieldError(
                QueryString.printable(part.name()), "is unknown; known fields are " + known));
      }
    }
    Form filled =
        new Form(
            parts.stream()
                .filter(part -> part.bytes().length > 0 || part.fileName().isPresent())
                .toList());
    for (Field field : fields) {
      int count = filled.all(field.name()).size();
      if (count == 0 && field.required()) {
        errors.add(new FieldError(field.name(), "is required"));
      } else if (count > field.maxCount()) {
        errors.add(
            new FieldError(
                field.name(), "must not be given more than %d times".formatted(field.maxCount())));
      }
    }
    if (!errors.isEmpty()) {
      throw new InvalidInputException(errors.stream().distinct().limit(20).toList());
    }
    return filled;
  }
}
