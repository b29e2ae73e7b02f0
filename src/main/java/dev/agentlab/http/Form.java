package dev.agentlab.http;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// A `multipart/form-data` body (RFC 7578) as its route declares it.
///
/// @param parts in the order in which they came
public record Form(List<Part> parts) {

  /// One value of the form.
  ///
  /// @param name of the field
  /// @param fileName as the caller calls the file; empty for a plain field
  /// @param bytes the value
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
  public record Part(String name, Optional<String> fileName, byte[] bytes) {}

  /// What the value of a field is.
  public enum Kind {
    TEXT,
    /// Text that is a JSON object.
    JSON,
    FILE
  }

  /// A field that a route takes.
  ///
  /// @param description one sentence for the API description
  /// @param most how often it may stand in a form
  /// @param required whether it must
  public record Field(String name, String description, Kind kind, int most, boolean required) {

    public static Field text(String name, String description) {
      return new Field(name, description, Kind.TEXT, 1, true);
    }

    public static Field json(String name, String description) {
      return new Field(name, description, Kind.JSON, 1, true);
    }

    public static Field files(String name, String description, int most) {
      return new Field(name, description, Kind.FILE, most, true);
    }

    /// The same, but a form may go without it.
    public Field orNone() {
      return new Field(name, description, kind, most, false);
    }
  }

  public Form {
    parts = List.copyOf(parts);
  }

  /// The text of a field.
  ///
  /// @throws InvalidInputException if it is not UTF-8
  public Optional<String> text(String name) {
    return all(name).stream().findFirst().map(part -> JsonBodyReader.text(part.bytes(), name));
  }

  /// The JSON object of a field that is declared as such.
  ///
  /// @throws InvalidInputException if it is none
  public Optional<ObjectNode> json(String name) {
    return all(name).stream().findFirst().map(part -> JsonBodyReader.object(part.bytes(), name));
  }

  /// Every value of a field.
  public List<Part> all(String name) {
    return parts.stream().filter(part -> part.name().equals(name)).toList();
  }

  /// The form without what is empty and no file, which counts as left out.
  ///
  /// @throws InvalidInputException if the form is not one of these fields
  Form checked(List<Field> fields) {
    List<FieldError> faults = new ArrayList<>();
    for (Part part : parts) {
      if (fields.stream().noneMatch(field -> field.name().equals(part.name()))) {
        String known = String.join(", ", fields.stream().map(Field::name).toList());
        faults.add(new FieldError(Query.shown(part.name()), "is not known here; known: " + known));
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
        faults.add(new FieldError(field.name(), "is required"));
      } else if (count > field.most()) {
        faults.add(
            new FieldError(field.name(), "must be given at most %d times".formatted(field.most())));
      }
    }
    if (!faults.isEmpty()) {
      throw new InvalidInputException(faults.stream().distinct().limit(20).toList());
    }
    return filled;
  }
}
