package dev.agentlab.calls;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.json.Json;
import dev.agentlab.modelclient.CallLabels;
import dev.agentlab.modelclient.CallRecord;
import dev.agentlab.modelclient.CallSource;
import dev.agentlab.modelclient.ModelCallException;
import dev.agentlab.modelclient.ProviderError;
import dev.agentlab.modelclient.RouteDecision;
import dev.agentlab.security.Caller;
import java.io.ByteArrayOutputStream;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Encodes records of calls as JSON objects whose members are the columns of the table `calls`.
/// Texts are cut to a limit and have no character that PostgreSQL cannot store, so that a record
/// has at most some 100 KiB.
final class CallEncoder {
  private static final int MAX_TEXT_LENGTH = 256;
  private static final int MAX_MESSAGE_LENGTH = 1_000;
  private static final int MAX_LIST_SIZE = 50;
  private static final int EXPECTED_BYTES = 2_048;
  private static final char REPLACEMENT = '\ufffd';

  private static final String STARTED_AT = "started_at";

  /// The columns of the token classes.
  static final Map<TokenClass, String> TOKEN_COLUMNS =
      Map.of(
          TokenClass.INPUT, "input",
          TokenClass.CACHED_INPUT, "cached_input",
          TokenClass.CACHE_WRITE_5_MINUTES, "cache_write_5m",
          TokenClass.CACHE_WRITE_1_HOUR, "cache_write_1h",
          TokenClass.OUTPUT, "output",
          TokenClass.REASONING, "reasoning");

  private CallEncoder() {}

  /// Encodes a record. Its id is new.
  static byte[] encode(CallRecord call) {
    // PostgreSQL would round, and then the record could be in another partition.
    Instant startedAt = call.startedAt().truncatedTo(ChronoUnit.MICROS);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(EXPECTED_BYTES);
    try (JsonGenerator json = Json.MAPPER.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringProperty(STARTED_AT, startedAt.toString());
      json.writeStringProperty("id", CallIds.create(startedAt).toString());
      writeSource(json, call.source());
      write(json, "operation", operation(call));
      json.writeBooleanProperty("streamed", call.streamed());
      writeTarget(json, call);
      writeOutcome(json, call);
      writeUsage(json, call);
      json.writeNumberProperty("duration_us", micros(call.duration()));
      if (call.firstContent().isPresent()) {
        json.writeNumberProperty("first_content_us", micros(call.firstContent().get()));
      }
      json.writeNumberProperty("request_bytes", call.requestBytes());
      json.writeNumberProperty("response_bytes", call.responseBytes());
      writeAttempts(json, call.attempts());
      if (call.route().isPresent()) {
        writeDecision(json, call.route().get());
      }
      writeTexts(json, "losses", call.losses());
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void writeSource(JsonGenerator json, CallSource source) {
    CallLabels labels = source.labels();
    Caller caller = source.caller();
    write(json, "request_id", labels.requestId());
    json.writeStringProperty("caller_kind", caller.kind().toString());
    write(json, "caller_id", caller.id());
    write(json, "caller_name", caller.name());
    write(json, "owner", caller.owner());
    write(json, "dialect", source.clientDialect());
    if (source.agent().isPresent()) {
      CallSource.CalledAgent agent = source.agent().get();
      json.writeStringProperty("agent_id", agent.id().toString());
      write(json, "agent_name", agent.name());
      json.writeNumberProperty("agent_revision", agent.revision());
    }
    write(json, "session", labels.session());
    write(json, "end_user", labels.endUser());
    if (!labels.tags().isEmpty()) {
      json.writeObjectPropertyStart("tags");
      labels
          .tags()
          .forEach((name, value) ->
              json.writeStringProperty(
                  storable(name, MAX_TEXT_LENGTH), storable(value, MAX_TEXT_LENGTH)));
      json.writeEndObject();
    }
  }

  private static String operation(CallRecord call) {
    return call.operation().name().toLowerCase(Locale.ROOT);
  }

  private static void writeTarget(JsonGenerator json, CallRecord call) {
    if (call.target().providerId().isPresent()) {
      json.writeStringProperty("provider_id", call.target().providerId().get().toString());
    }
    write(json, "provider", call.provider());
    write(json, "model", call.model());
    if (!call.attempts().isEmpty()) {
      write(json, "target", call.attempts().getLast().target());
    }
    write(json, "provider_request_id", call.providerRequestId());
    if (call.route().isPresent()) {
      RouteDecision route = call.route().get();
      json.writeStringProperty("route_id", route.id().toString());
      write(json, "route_name", route.name());
      json.writeNumberProperty("route_revision", route.revision());
    }
  }

  private static void writeOutcome(JsonGenerator json, CallRecord call) {
    json.writeStringProperty("status", CallStatus.of(call).toString());
    json.writeStringProperty("outcome", call.outcome());
    if (call.failure().orElse(null) instanceof ModelCallException failure) {
      Optional<Integer> status = failure.upstream().map(ProviderError::status);
      if (status.isPresent()) {
        json.writeNumberProperty("upstream_status", status.get());
      }
      writeMessage(json, Optional.ofNullable(failure.getMessage()));
    }
    if (call.finishReason().isPresent()) {
      json.writeStringProperty("finish_reason", text(call.finishReason().get()));
    }
  }

  private static String text(FinishReason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  private static void writeUsage(JsonGenerator json, CallRecord call) {
    Map<TokenClass, Long> counts = call.usage().counts();
    counts.forEach((type, count) -> json.writeNumberProperty(column(type), count));
    json.writeStringProperty("usage_source", call.usageSource().text());
  }

  private static String column(TokenClass type) {
    return Objects.requireNonNull(TOKEN_COLUMNS.get(type));
  }

  private static void writeAttempts(JsonGenerator json, List<CallRecord.AttemptRecord> attempts) {
    json.writeArrayPropertyStart("attempts");
    // The last attempt decides about the call.
    int first = Math.max(0, attempts.size() - MAX_LIST_SIZE);
    for (CallRecord.AttemptRecord attempt : attempts.subList(first, attempts.size())) {
      json.writeStartObject();
      write(json, "target", attempt.target());
      write(json, "provider", attempt.provider());
      write(json, "model", attempt.model());
      json.writeStringProperty("outcome", attempt.outcome());
      writeMessage(json, attempt.message());
      json.writeNumberProperty("latency_us", micros(attempt.latency()));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeDecision(JsonGenerator json, RouteDecision decision) {
    json.writeObjectPropertyStart("decision");
    writeTexts(json, "order", decision.order());
    json.writeArrayPropertyStart("skipped");
    for (RouteDecision.SkippedTarget skipped : limited(decision.skipped())) {
      json.writeStartObject();
      write(json, "target", skipped.target());
      json.writeStringProperty("reason", storable(skipped.reason(), MAX_MESSAGE_LENGTH));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeTexts(JsonGenerator json, String name, List<String> texts) {
    json.writeArrayPropertyStart(name);
    for (String text : limited(texts)) {
      json.writeString(storable(text, MAX_MESSAGE_LENGTH));
    }
    json.writeEndArray();
  }

  private static <T> List<T> limited(List<T> list) {
    return list.subList(0, Math.min(list.size(), MAX_LIST_SIZE));
  }

  private static void write(JsonGenerator json, String name, Optional<String> text) {
    if (text.isPresent()) {
      write(json, name, text.get());
    }
  }

  private static void write(JsonGenerator json, String name, String text) {
    json.writeStringProperty(name, storable(text, MAX_TEXT_LENGTH));
  }

  private static void writeMessage(JsonGenerator json, Optional<String> message) {
    if (message.isPresent()) {
      json.writeStringProperty("message", storable(message.get(), MAX_MESSAGE_LENGTH));
    }
  }

  private static long micros(Duration duration) {
    return Math.max(0, duration.toNanos() / 1_000);
  }

  /// The beginning of a text, in which U+0000 and unpaired surrogates are replaced.
  static String storable(String text, int maxLength) {
    int length = Math.min(text.length(), maxLength);
    if (length < text.length() && Character.isHighSurrogate(text.charAt(length - 1))) {
      length--;
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c == 0 || Character.isSurrogate(c)) {
        return replaceUnstorable(text, length);
      }
    }
    return text.substring(0, length);
  }

  private static String replaceUnstorable(String text, int length) {
    StringBuilder replaced = new StringBuilder(length);
    text.substring(0, length)
        .codePoints()
        .map(c -> c == 0 || Character.getType(c) == Character.SURROGATE ? REPLACEMENT : c)
        .forEach(replaced::appendCodePoint);
    return replaced.toString();
  }

  /// The day on which the call of an encoded record started, in UTC.
  ///
  /// @throws IllegalArgumentException if the bytes are not an encoded record
  static LocalDate day(byte[] record) {
    try (JsonParser json = Json.MAPPER.createParser(record)) {
      if (json.nextToken() == JsonToken.START_OBJECT && STARTED_AT.equals(json.nextName())) {
        var _ = json.nextToken();
        return LocalDate.ofInstant(Instant.parse(json.getString()), ZoneOffset.UTC);
      }
    } catch (JacksonException | DateTimeException e) {
      throw new IllegalArgumentException("not a record of a call", e);
    }
    throw new IllegalArgumentException("not a record of a call");
  }
}
