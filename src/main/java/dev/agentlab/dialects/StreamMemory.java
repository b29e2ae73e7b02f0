package dev.agentlab.dialects;

import dev.agentlab.memory.JsonFootprint;
import dev.agentlab.memory.MemoryBudget;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The memory that reading one stream takes, under the same bounds for every reader: the event that
/// is being parsed, and what is held from one part of the stream to the next. All of it is counted
/// in the memory budget of the service.
///
/// Belongs to one stream; not safe for several threads at once.
final class StreamMemory {
  /// What a reader may hold: as much as a response that is read whole may be large.
  private static final long MAX_HELD_BYTES = 64L << 20;

  /// The parsing of smaller events is not counted.
  private static final int MIN_COUNTED_BYTES = 16 << 10;

  private final MemoryBudget.Reservation reservation;
  private long held;
  private long parsing;

  StreamMemory(MemoryBudget.Reservation reservation) {
    this.reservation = reservation;
  }

  /// Counts what is held now, instead of what was before.
  ///
  /// @throws ProviderFault if it is too much, or the service has no memory for it
  void hold(long bytes) {
    if (bytes > MAX_HELD_BYTES) {
      throw new ProviderErrorException("the stream is too large to be read", Optional.empty());
    }
    if (bytes > held) {
      reserve(bytes - held);
    } else {
      reservation.shrink(held - bytes);
    }
    held = bytes;
  }

  /// The JSON of an event. Its memory is counted until [#endEvent].
  ///
  /// @throws ProviderFault if the service has no memory for it
  /// @throws tools.jackson.core.JacksonException if it is not JSON
  JsonNode parse(String json) {
    if (json.length() >= MIN_COUNTED_BYTES) {
      beginEvent(json.getBytes(StandardCharsets.UTF_8));
    }
    return ProviderJson.MAPPER.readTree(json);
  }

  /// The JSON of an event. Its memory is counted until [#endEvent].
  ///
  /// @throws ProviderFault if the service has no memory for it
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

  /// Gives back what the parsed event took.
  void endEvent() {
    reservation.shrink(parsing);
    parsing = 0;
  }

  private void reserve(long bytes) {
    if (reservation.exceedsBudget(bytes)) {
      throw new ProviderErrorException("an event of the stream is too large", Optional.empty());
    }
    if (!reservation.tryGrow(bytes)) {
      throw ProviderErrorException.noMemory();
    }
  }

  /// The memory that a value takes, in bytes.
  static long size(JsonNode value) {
    long size = JsonFootprint.ofTree(1 + (value.isObject() ? value.size() : 0));
    if (value.isString()) {
      return size + 2L * value.stringValue().length();
    }
    for (JsonNode inner : value) {
      size += size(inner);
    }
    if (value.isObject()) {
      for (String name : value.propertyNames()) {
        size += 2L * name.length();
      }
    }
    return size;
  }
}
