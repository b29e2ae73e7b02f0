package dev.agentlab.http;

import dev.agentlab.json.Json;
import dev.agentlab.memory.JsonFootprint;
import dev.agentlab.memory.MemoryBudget;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/// How the body of a route's requests is checked and read.
sealed interface BodyFormat {

  /// The format that a route declares.
  static BodyFormat of(Route.Takes takes) {
    return switch (takes) {
      case Route.Takes.Json json ->
          new OfJson(Json.MAPPER.readerFor(json.type()), json.maxBytes(), json.check());
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
  void require(RequestHead head);

  /// The refusal of a body of more than so many bytes.
  RequestRejectedException tooLarge(int maxBytes);

  /// The value that the handler gets. Its memory is reserved before it is used.
  ///
  /// @param mediaType as the head has it
  /// @param memory holds the bytes already
  /// @throws dev.agentlab.errors.InvalidInputException naming the field or the place at fault
  /// @throws Refusal if there is not enough memory now, or is never
  Object read(byte[] bytes, String mediaType, MemoryBudget.Reservation memory);

  /// Reserves memory for what is read from a body.
  ///
  /// @throws Refusal if there is not enough now, or is never
  private static void reserve(MemoryBudget.Reservation memory, long bytes) {
    if (memory.exceedsBudget(bytes)) {
      throw RequestRejectedException.of(
          ProblemType.PAYLOAD_TOO_LARGE,
          "handling this body takes %d bytes of memory, more than the service has for all requests"
              .formatted(bytes));
    }
    if (!memory.tryGrow(bytes)) {
      throw RequestRejectedException.overload();
    }
  }

  /// A JSON value.
  ///
  /// @param most bytes; 0 for what is usual
  /// @param check as [Route.Takes.Json] has it
  record OfJson(ObjectReader reader, int most, Consumer<JsonNode> check) implements BodyFormat {
    @Override
    public int maxBytes(int usual) {
      return Math.max(usual, most);
    }

    @Override
    public void require(RequestHead head) {
      head.requireJson();
    }

    @Override
    public RequestRejectedException tooLarge(int maxBytes) {
      return RequestRejectedException.tooLarge(
          most == 0
              ? "a body is at most %d bytes, the value of server.max_body_size".formatted(maxBytes)
              : "a body is at most %d bytes here, the larger of %d and server.max_body_size"
                  .formatted(maxBytes, most));
    }

    @Override
    public Object read(byte[] bytes, String mediaType, MemoryBudget.Reservation memory) {
      int nodes = JsonBodyReader.requireFewNodes(bytes);
      long text = JsonFootprint.ofText(bytes.length) - bytes.length;
      reserve(memory, text + JsonFootprint.ofTrees(nodes));
      return JsonBodyReader.read(bytes, reader, check);
    }
  }

  /// A form.
  record OfForm(List<Form.Field> fields, int most) implements BodyFormat {
    @Override
    public int maxBytes(int usual) {
      return most;
    }

    @Override
    public void require(RequestHead head) {
      head.requireForm();
    }

    @Override
    public RequestRejectedException tooLarge(int maxBytes) {
      return RequestRejectedException.tooLarge(
          "a form is at most %d bytes here, whatever server.max_body_size is".formatted(maxBytes));
    }

    @Override
    public Object read(byte[] bytes, String mediaType, MemoryBudget.Reservation memory) {
      reserve(memory, JsonFootprint.ofText(bytes.length) - bytes.length);
      Form form = FormReader.read(bytes, mediaType).checked(fields);
      for (Form.Field field : fields) {
        if (field.kind() == Form.Kind.JSON) {
          for (Form.Part part : form.all(field.name())) {
            int nodes = JsonBodyReader.requireFewNodes(part.bytes());
            reserve(memory, JsonFootprint.ofTrees(nodes));
          }
        }
      }
      return form;
    }
  }
}
