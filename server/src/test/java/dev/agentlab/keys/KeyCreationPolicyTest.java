package dev.agentlab.keys;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantSet;
import dev.agentlab.security.GrantableScopes;
import dev.agentlab.security.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KeyCreationPolicyTest {
  private static final GrantableScopes SCOPES =
      new GrantableScopes(
          List.of(new Scope("agents:read"), new Scope("agents:write"), Scope.INVOKE, Scope.PROXY));
  private static final Instant DAY = Instant.parse("2030-01-01T00:00:00Z");
  private static final Optional<Instant> NEVER = Optional.empty();
  private static final Caller CALLER =
      new Caller(
          Caller.Kind.KEY,
          UUID.randomUUID().toString(),
          "creator",
          GrantSet.of(
              Stream.of("agents:read", "invoke:provider/p", "invoke:model/q/gpt-*", "proxy:p")
                  .map(text -> SCOPES.parse("scopes", text))
                  .toList()));

  private static SignedKeyFields key(Optional<Instant> expiresAt, String... scopes) {
    return new SignedKeyFields(
        UUID.randomUUID(),
        KeyType.KEY,
        "k",
        new byte[] {1},
        Optional.empty(),
        List.of(scopes),
        expiresAt,
        Optional.empty(),
        Optional.empty());
  }

  private static void check(Optional<SignedKeyFields> callerKey, SignedKeyFields key) {
    KeyCreationPolicy.requireAllowed(CALLER, callerKey, key.grants(SCOPES), key.expiresAt());
  }

  @Test
  void scopeThatTheCallerLacksIsRejected() {
    assertThatThrownBy(() -> check(Optional.empty(), key(NEVER, "agents:read", "agents:write")))
        .isInstanceOf(KeyException.ScopesExceeded.class)
        .hasMessageEndingWith("the caller lacks agents:write");
  }

  @Test
  void restrictionsWithinThoseOfTheCallerAreAllowed() {
    assertThatCode(() ->
            check(
                Optional.empty(),
                key(
                    NEVER,
                    "invoke:provider/p",
                    "invoke:model/p/any/*",
                    "invoke:model/q/gpt-4*",
                    "proxy:p")))
        .doesNotThrowAnyException();
  }

  @Test
  void restrictionsBeyondThoseOfTheCallerAreRejected() {
    assertThatThrownBy(() ->
            check(
                Optional.empty(),
                key(
                    NEVER,
                    "invoke",
                    "invoke:provider/q",
                    "invoke:model/q/gpt*",
                    "invoke:model/p/gpt",
                    "proxy")))
        .isInstanceOf(KeyException.ScopesExceeded.class)
        .hasMessageEndingWith("lacks invoke, invoke:model/q/gpt*, invoke:provider/q, proxy");
  }

  @Test
  void expiryAfterThatOfTheCallersKeyIsRejected() {
    Optional<SignedKeyFields> callerKey = Optional.of(key(Optional.of(DAY), "agents:read"));
    for (Optional<Instant> later : List.of(NEVER, Optional.of(DAY.plusSeconds(1)))) {
      assertThatThrownBy(() -> check(callerKey, key(later, "agents:read")))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("expires_at: must not be after 2030-01-01T00:00:00Z");
    }
    assertThatCode(() -> check(callerKey, key(Optional.of(DAY), "agents:read")))
        .doesNotThrowAnyException();
  }

  @Test
  void callerWithoutAnExpiringKeyCreatesKeysWithoutExpiry() {
    assertThatCode(() -> check(Optional.empty(), key(NEVER, "agents:read")))
        .doesNotThrowAnyException();
    assertThatCode(() -> check(Optional.of(key(NEVER)), key(NEVER, "agents:read")))
        .doesNotThrowAnyException();
  }
}
