package dev.agentlab.http;

import dev.agentlab.json.Json;
import dev.agentlab.memory.JsonFootprint;
import dev.agentlab.memory.MemoryBudget;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/// The format of the request body of a route: validates the head and reads the body.
sealed interface BodyFormat {

  /// Returns the format that a route declares.
  static BodyFormat of(Route.RequestBody takes) {
    return switch (takes) {
      case Route.RequestBody.Json json ->
          new JsonFormat(Json.MAPPER.readerFor(json.type()), json.maxBytes(), json.check());
      case Route.RequestBody.JsonBytes bytes -> new JsonBytesFormat(bytes.maxBytes());
      case Route.RequestBody.Stream stream -> new StreamFormat(stream.maxBytes());
      case Route.RequestBody.Form form -> new MultipartFormat(form.fields(), form.maxBytes());
    };
  }

  /// Returns the maximum size of a body in bytes.
  ///
  /// @param defaultMaxBytes the limit of routes that do not declare their own
  long maxBytes(int defaultMaxBytes);

  /// Requires that a request head announces a body of this format.
  ///
  /// @throws RequestRejectedException if it announces another body
  void validateHead(RequestHead head);

  /// The rejection of a body that exceeds the maximum size.
  RequestRejectedException tooLarge(long maxBytes);

  /// Reads the value for the handler. Reserves its memory before allocating it. Not called for a
  /// stream.
  ///
  /// @param mediaType the `Content-Type` of the request
  /// @param memory the reservation of the request, which already includes `bytes`
  /// @throws dev.agentlab.errors.InvalidInputException with the invalid field or position
  /// @throws RequestRejectedException if the value exceeds the available memory or the whole budget
  Object read(byte[] bytes, String mediaType, MemoryBudget.Reservation memory);

  /// Reserves memory for handling a request.
  ///
  /// @throws RequestRejectedException if it exceeds the available memory or the whole budget
  static void reserve(MemoryBudget.Reservation memory, long bytes) {
    if (memory.exceedsBudget(bytes)) {
      throw RequestRejectedException.of(
          ProblemType.PAYLOAD_TOO_LARGE,
          "handling this request takes %d bytes of memory, which exceeds the memory budget for all"
                  .formatted(bytes)
              + " requests");
    }
    if (!memory.tryGrow(bytes)) {
      throw RequestRejectedException.overloaded();
    }
  }

  /// A JSON body.
  ///
  /// @param routeMaxBytes the maximum size in bytes; 0 for the default
  /// @param check additional validation, see [Route.RequestBody.Json]
  record JsonFormat(ObjectReader reader, int routeMaxBytes, Consumer<JsonNode> check)
      implements BodyFormat {
    @Override
    public long maxBytes(int defaultMaxBytes) {
      return Math.max(defaultMaxBytes, routeMaxBytes);
    }

    @Override
    public void validateHead(RequestHead head) {
      head.requireJson();
    }

    @Override
    public RequestRejectedException tooLarge(long maxBytes) {
      return RequestRejectedException.tooLarge(
          routeMaxBytes == 0
              ? "a body is at most %d bytes, the value of server.max_body_size".formatted(maxBytes)
              : "a body is at most %d bytes here, the larger of %d and server.max_body_size"
                  .formatted(maxBytes, routeMaxBytes));
    }

    @Override
    public Object read(byte[] bytes, String mediaType, MemoryBudget.Reservation memory) {
      int nodes = JsonBodyReader.countNodes(bytes);
      long text = JsonFootprint.ofText(bytes.length) - bytes.length;
      reserve(memory, text + JsonFootprint.ofTrees(nodes));
      return JsonBodyReader.read(bytes, reader, check);
    }
  }

  /// A JSON body as bytes.
  record JsonBytesFormat(int routeMaxBytes) implements BodyFormat {
    @Override
    public long maxBytes(int defaultMaxBytes) {
      return routeMaxBytes;
    }

    @Override
    public void validateHead(RequestHead head) {
      head.requireJson();
    }

    @Override
    public RequestRejectedException tooLarge(long maxBytes) {
      return tooLargeForGateway(maxBytes);
    }

    @Override
    public Object read(byte[] bytes, String mediaType, MemoryBudget.Reservation memory) {
      // The bytes are copied when a member changes, and to the connection of the provider.
      reserve(memory, JsonFootprint.ofText(bytes.length) - bytes.length);
      return bytes;
    }
  }

  private static RequestRejectedException tooLargeForGateway(long maxBytes) {
    return RequestRejectedException.tooLarge(
        "a body is at most %d bytes here, the value of gateway.max_body_size".formatted(maxBytes));
  }

  /// Any bytes as they arrive.
  record StreamFormat(int routeMaxBytes) implements BodyFormat {
    @Override
    public long maxBytes(int defaultMaxBytes) {
      return routeMaxBytes == 0 ? Long.MAX_VALUE : routeMaxBytes;
    }

    @Override
    public void validateHead(RequestHead head) {}

    @Override
    public RequestRejectedException tooLarge(long maxBytes) {
      return tooLargeForGateway(maxBytes);
    }

    @Override
    public Object read(byte[] bytes, String mediaType, MemoryBudget.Reservation memory) {
      throw new IllegalStateException("the handler receives the body as it arrives");
    }
  }

  /// A `multipart/form-data` body.
  record MultipartFormat(List<Form.Field> fields, int routeMaxBytes) implements BodyFormat {
    @Override
    public long maxBytes(int defaultMaxBytes) {
      return routeMaxBytes;
    }

    @Override
    public void validateHead(RequestHead head) {
      head.requireForm();
    }

    @Override
    public RequestRejectedException tooLarge(long maxBytes) {
      return RequestRejectedException.tooLarge(
          "a form is at most %d bytes here, whatever server.max_body_size is".formatted(maxBytes));
    }

    @Override
    public Object read(byte[] bytes, String mediaType, MemoryBudget.Reservation memory) {
      reserve(memory, JsonFootprint.ofText(bytes.length) - bytes.length);
      Form form = FormReader.read(bytes, mediaType).validate(fields);
      for (Form.Field field : fields) {
        if (field.kind() == Form.Kind.JSON) {
          for (Form.Part part : form.all(field.name())) {
            int nodes = JsonBodyReader.countNodes(part.bytes());
            reserve(memory, JsonFootprint.ofTrees(nodes));
          }
        }
      }
      return form;
    }
  }
}
