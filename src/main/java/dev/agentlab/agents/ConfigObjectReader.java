package dev.agentlab.agents;

import com.google.re2j.Pattern;
import dev.agentlab.config.GoDuration;
import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.Spelling;
import dev.agentlab.errors.Warnings;
import dev.agentlab.json.Jsonb;
import dev.agentlab.kinds.SecretOptions;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The members of one object of a configuration, each read as what it should be. What it is not is
/// noted as a fault and read as if it were left out; so is `null`, without a fault.
final class ConfigObjectReader {
  /// The shortest time above 0.
  static final Duration SHORTEST = Duration.ofNanos(1);

  private static final Duration LONGEST = Duration.ofHours(1);
  private static final int LONGEST_DURATION_TEXT = 40;
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private final String path;
  private final ObjectNode json;
  private final FieldErrors faults;
  private final FieldErrors unknown;
  private final Warnings warnings;

  /// @param path where the object stands
  /// @param unknown where to note what only a caller must not send: members that are not known, and
  ///   secrets
  /// @param warnings where to note what is used in the place of what was given
  ConfigObjectReader(
      String path, ObjectNode json, FieldErrors faults, FieldErrors unknown, Warnings warnings) {
    this.path = path;
    this.json = json;
    this.faults = faults;
    this.unknown = unknown;
    this.warnings = warnings;
  }

  /// Notes every member that is not one of these.
  void allow(List<String> known) {
    for (String name : json.propertyNames()) {
      if (!known.contains(name)) {
        unknown.add(path(Excerpt.of(name)), "is unknown; " + Spelling.hint(name, "known", known));
      }
    }
  }

  void fault(String name, String message) {
    faults.add(path(name), message);
  }

  void warn(String name, String message) {
    warnings.add(path(name), message);
  }

  boolean has(String name) {
    return json.hasNonNull(name);
  }

  JsonNode value(String name) {
    return json.path(name);
  }

  /// A member that is an object; an empty one if it is left out.
  ConfigObjectReader object(String name) {
    JsonNode value = value(name);
    if (has(name) && !value.isObject()) {
      fault(name, "must be an object");
    }
    return new ConfigObjectReader(
        path(name),
        value instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode(),
        faults,
        unknown,
        warnings);
  }

  /// A member that is an object of any content, as it was written.
  Optional<ObjectNode> content(String name) {
    JsonNode value = value(name);
    if (value instanceof ObjectNode object) {
      Jsonb.check(path(name), object, faults);
      return Optional.of(object.deepCopy());
    }
    if (!value.isMissingNode()) {
      fault(name, "must be an object");
    }
    return Optional.empty();
  }

  /// Notes every secret within a member that is stored and shown as it was written.
  void refuseSecrets(String name, ObjectNode content) {
    for (String place : SecretOptions.in(path(name), content)) {
      unknown.add(
          place,
          "looks like a secret, and what stands here is stored and shown as it is; leave it out and"
              + " give it with each call, in the options of the call, which are not stored");
    }
  }

  Optional<String> text(String name) {
    Optional<String> text = read(name, "must be text", JsonNode::stringValueOpt);
    text.ifPresent(it -> Jsonb.check(path(name), it, faults));
    return text;
  }

  Optional<UUID> uuid(String name) {
    return read(
        name,
        "must be a UUID such as 123e4567-e89b-12d3-a456-426614174000",
        value ->
            value
                .stringValueOpt()
                .filter(text -> UUID_TEXT.matcher(text).matches())
                .map(UUID::fromString));
  }

  boolean flag(String name, boolean standard) {
    return read(name, "must be true or false", JsonNode::booleanValueOpt).orElse(standard);
  }

  /// Whether a member is given and 0.
  boolean isZero(String name) {
    return number(value(name)).filter(it -> it.signum() == 0).isPresent();
  }

  /// A whole number. 0 is the standard one unless it is one of those possible, and above the
  /// largest is the largest.
  int integer(String name, int least, int most, int standard) {
    return read(
            name,
            "must be a whole number from %d to %d".formatted(least, most),
            value ->
                number(value)
                    .flatMap(ConfigObjectReader::whole)
                    .map(it -> it == 0 && least > 0 ? standard : it)
                    .filter(it -> it >= least))
        .map(it -> it > most ? (int) limited(name, Long.toString(it), most) : it.intValue())
        .orElse(standard);
  }

  /// A number. 0 is the standard one, and above the largest is the largest.
  double number(String name, int least, int most, double standard) {
    return read(
            name,
            "must be a number from %d to %d".formatted(least, most),
            value ->
                number(value)
                    .map(BigDecimal::doubleValue)
                    .map(it -> it == 0 ? standard : it)
                    .filter(it -> it >= least))
        .map(it -> it > most ? limited(name, Excerpt.of(value(name).toString()), most) : it)
        .orElse(standard);
  }

  private double limited(String name, String given, int most) {
    warn(name, "is %s, above the limit; %d is used".formatted(given, most));
    return most;
  }

  /// A time above 0: text in Go's form, or nanoseconds as a number. 0 and empty text are none, and
  /// above an hour is an hour.
  Optional<Duration> duration(String name) {
    return duration(name, SHORTEST);
  }

  /// @param least a longer one than nothing at all
  Duration duration(String name, Duration least, Duration standard) {
    return duration(name, least).orElse(standard);
  }

  private Optional<Duration> duration(String name, Duration least) {
    return read(
            name,
            "must be a time %s and at most 1h, such as \"30s\" or \"1m30s\", or its"
                    .formatted(
                        least.equals(SHORTEST)
                            ? "above 0"
                            : "of at least " + GoDuration.format(least))
                + " nanoseconds as a number",
            value ->
                value
                    .stringValueOpt()
                    .flatMap(ConfigObjectReader::parsed)
                    .or(() ->
                        number(value).flatMap(ConfigObjectReader::whole).map(Duration::ofNanos))
                    .filter(it -> it.isZero() || it.compareTo(least) >= 0))
        .filter(it -> !it.isZero())
        .map(it -> it.compareTo(LONGEST) > 0 ? limited(name, it) : it);
  }

  private Duration limited(String name, Duration given) {
    warn(
        name,
        "is %s, above the limit; %s is used"
            .formatted(GoDuration.format(given), GoDuration.format(LONGEST)));
    return LONGEST;
  }

  private String path(String name) {
    return path + "." + name;
  }

  /// @param reader gives nothing for a value that is not as the message says
  private <T> Optional<T> read(
      String name, String message, Function<JsonNode, Optional<T>> reader) {
    if (!has(name)) {
      return Optional.empty();
    }
    Optional<T> read = reader.apply(value(name));
    if (read.isEmpty()) {
      fault(name, message);
    }
    return read;
  }

  private static Optional<BigDecimal> number(JsonNode value) {
    return value.isNumber() ? Optional.of(value.decimalValue()) : Optional.empty();
  }

  private static Optional<Long> whole(BigDecimal number) {
    try {
      return Optional.of(number.longValueExact());
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static Optional<Duration> parsed(String text) {
    try {
      // The longest that means anything is short, and reading a long number takes long.
      return text.length() > LONGEST_DURATION_TEXT
          ? Optional.empty()
          : Optional.of(text.isEmpty() ? Duration.ZERO : GoDuration.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
