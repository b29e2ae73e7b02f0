package dev.agentlab.routing;

import dev.agentlab.modelclient.FallbackCause;
import dev.agentlab.time.GoDuration;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A model route's configuration with defaults applied. Immutable.
///
/// @param targets 1 to 32, in the order of the configuration
/// @param fallbackOn the failures for which a call moves to another target; empty for none
/// @param firstContentTimeout how long a call waits for the first content of a target
public record ModelRouteConfig(
    List<RouteTarget> targets,
    Set<FallbackCause> fallbackOn,
    Optional<Duration> firstContentTimeout,
    Affinity affinity,
    RouteParameters parameters) {

  /// Which calls go to the same target while it is available.
  public enum Affinity {
    /// The calls of one session of a client.
    SESSION("session"),
    /// No calls: each call is distributed by weight.
    NONE("none");

    private final String text;

    Affinity(String text) {
      this.text = text;
    }

    /// The name in configurations; never changes once released.
    public String text() {
      return text;
    }

    static Optional<Affinity> find(String text) {
      return Arrays.stream(values()).filter(it -> it.text.equals(text)).findFirst();
    }

    static List<String> texts() {
      return Arrays.stream(values()).map(Affinity::text).toList();
    }
  }

  public ModelRouteConfig {
    targets = List.copyOf(targets);
    // In the order of the causes.
    Set<FallbackCause> causes = EnumSet.noneOf(FallbackCause.class);
    causes.addAll(fallbackOn);
    fallbackOn = Collections.unmodifiableSet(causes);
  }

  /// The JSON to store.
  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode targetArray = json.putArray("targets");
    targets.forEach(target -> targetArray.add(target.toJson()));
    ArrayNode causeArray = json.putArray("fallback_on");
    fallbackOn.forEach(cause -> causeArray.add(cause.text()));
    firstContentTimeout.ifPresent(
        timeout -> json.put("first_content_timeout", GoDuration.format(timeout)));
    return json.put("affinity", affinity.text()).set("parameters", parameters.toJson());
  }
}
