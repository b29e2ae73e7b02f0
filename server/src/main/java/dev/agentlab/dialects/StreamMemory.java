package dev.agentlab.dialects;

import dev.agentlab.memory.JsonFootprint;
import dev.agentlab.memory.MemoryBudget;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Accounts for the memory of one stream reader, with the same limits for every dialect: the event
/// that is being parsed, and the state that is retained between chunks. All of it is reserved in
/// the memory budget of the service.
///
/// Each instance belongs to one stream. Not thread-safe.
final class StreamMemory {
  /// The maximum size of the retained state, equal to the maximum size of a non-streaming response.
  private static final long MAX_RETAINED_BYTES = 64L << 20;

  /// Smaller events are parsed without a reservation.
  private static final int MIN_COUNTED_BYTES = 16 << 10;

  private final MemoryBudget.Reservation reservation;
  private long retained;
  private long parsing;

  StreamMemory(MemoryBudget.Reservation reservation) {
    this.reservation = reservation;
  }

  /// Sets the number of bytes that the reader retains.
  ///
  /// @throws ProviderErrorException if the limit is exceeded, or the service is out of memory
  void setRetained(long bytes) {
    if (bytes > MAX_RETAINED_BYTES) {
      throw new ProviderErrorException("the stream exceeds the memory limit", Optional.empty());
    }
    if (bytes > retained) {
      reserve(bytes - retained);
    } else {
      reservation.shrink(retained - bytes);
    }
    retained = bytes;
  }

  /// Parses the JSON of an event. Its memory stays reserved until [#endEvent].
  ///
  /// @throws ProviderErrorException if the event is too large, or the service is out of memory
  /// @throws tools.jackson.core.JacksonException if it is not JSON
  JsonNode parse(String json) {
    if (json.length() >= MIN_COUNTED_BYTES) {
      beginEvent(json.getBytes(StandardCharsets.UTF_8));
    }
    return ProviderJson.MAPPER.readTree(json);
  }

  /// Parses the JSON of an event. Its memory stays reserved until [#endEvent].
  ///
  /// @throws ProviderErrorException if the event is too large, or the service is out of memory
  /// @throws tools.jackson.core.JacksonException if it is not JSON
  JsonNode parse(byte[] json) {
    if (json.length >= MIN_COUNTED_BYTES) {
      beginEvent(json);
    }
    return ProviderJson.MAPPER.readTree(json);
  }

  private void beginEvent(byte[] json) {
    long bytes = JsonFootprint.of(json);
    reserve(bytes);
    parsing += bytes;
  }

  /// Releases the memory of the parsed event.
  void endEvent() {
    reservation.shrink(parsing);
    parsing = 0;
  }

  private void reserve(long bytes) {
    if (reservation.exceedsBudget(bytes)) {
      throw new ProviderErrorException("a stream event is too large", Optional.empty());
    }
    if (!reservation.tryGrow(bytes)) {
      throw ProviderErrorException.outOfMemory();
    }
  }

  /// The memory of a JSON value, in bytes.
  static long sizeOf(JsonNode value) {
    long size = JsonFootprint.ofTree(1 + (value.isObject() ? value.size() : 0));
    if (value.isString()) {
      return size + 2L * value.stringValue().length();
    }
    for (JsonNode inner : value) {
      size += sizeOf(inner);
    }
    if (value.isObject()) {
      for (String name : value.propertyNames()) {
        size += 2L * name.length();
      }
    }
    return size;
  }
}
