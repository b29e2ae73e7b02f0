package dev.agentlab.http;

import dev.agentlab.json.Json;
import java.util.List;
import tools.jackson.databind.ObjectReader;

/// How the body of a route's requests is checked and read.
sealed interface BodyFormat {

  /// The format that a route declares.
  static BodyFormat of(Route.Takes takes) {
    return switch (takes) {
      case Route.Takes.Json json -> new OfJson(Json.MAPPER.readerFor(json.type()), json.maxBytes());
      case Route.Takes.Form form -> new OfForm(form.fields(), form.maxBytes());
    };
  }

  /// Bytes a body may have.
  ///
  /// @param usual what holds where a route says nothing
  int maxBytes(int usual);

  /// Lets only this format through.
  ///
  /// @throws Refusal if the head announces another body
  void require(Head head, int maxBytes);

  /// Bytes of memory that the value takes, beside those of the body.
  ///
  /// @throws Refusal if that is more than any request may take
  long weight(byte[] bytes);

  /// The value that the handler gets.
  ///
  /// @param mediaType as the head has it
  /// @throws dev.agentlab.errors.InvalidInputException naming the field or the place at fault
  Object read(byte[] bytes, String mediaType);

  /// A JSON value.
  ///
  /// @param most bytes; 0 for what is usual
  record OfJson(ObjectReader reader, int most) implements BodyFormat {
    @Override
    public int maxBytes(int usual) {
      return Math.max(usual, most);
    }

    @Override
    public void require(Head head, int maxBytes) {
      head.requireJson(maxBytes);
    }

    @Override
    public long weight(byte[] bytes) {
      return JsonBody.weight(bytes);
    }

    @Override
    public Object read(byte[] bytes, String mediaType) {
      return JsonBody.read(bytes, reader);
    }
  }

  /// A form.
  record OfForm(List<Form.Field> fields, int most) implements BodyFormat {
    @Override
    public int maxBytes(int usual) {
      return most;
    }

    @Override
    public void require(Head head, int maxBytes) {
      head.requireForm(maxBytes);
    }

    @Override
    public long weight(byte[] bytes) {
      return 0;
    }

    @Override
    public Object read(byte[] bytes, String mediaType) {
      return FormBody.read(bytes, mediaType).checked(fields);
    }
  }
}
