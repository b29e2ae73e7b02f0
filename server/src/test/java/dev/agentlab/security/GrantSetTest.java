package dev.agentlab.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.InvalidInputException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GrantSetTest {
  private static final UUID AGENT = UUID.fromString("0189e3c1-7a40-7000-8000-00000000000a");
  private static final UUID OTHER = UUID.fromString("0189e3c1-7a40-7000-8000-00000000000b");

  @Test
  void everyGrantCanBeParsedFromItsText() {
    for (String text : GrantSet.EVERYTHING.texts()) {
      assertThat(Grant.parse("scopes", text)).hasToString(text);
    }
    assertThat(Grant.parse("scopes", "invoke:" + AGENT)).isEqualTo(Grant.invoke(AGENT));
  }

  @Test
  void unknownScopeIsRejectedWithTheAcceptedOnes() {
    assertThatThrownBy(() -> Grant.parse("scopes[0]", "providers:all"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("scopes[0]")
        .hasMessageContaining("providers:all")
        .hasMessageContaining("providers:read")
        .hasMessageContaining("invoke:<agent name or id>")
        .hasMessageNotContaining("open");
  }

  @Test
  void agentGrantRequiresAnAgentId() {
    for (String id : new String[] {"", "helper", "1-1-1-1-1", "*"}) {
      assertThatThrownBy(() -> Grant.parse("scopes[0]", "invoke:" + id))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("id of an agent");
    }
  }

  @Test
  void grantForOneAgentAllowsNoOtherAgent() {
    GrantSet one = new GrantSet(Set.of(Grant.invoke(AGENT)));
    assertThat(one.allows(Scope.INVOKE, Optional.of(AGENT))).isTrue();
    assertThat(one.allows(Scope.INVOKE, Optional.of(OTHER))).isFalse();
    assertThat(one.allows(Scope.INVOKE, Optional.empty())).isFalse();
  }

  @Test
  void grantsAllowOnlyTheirAndUngrantableScopes() {
    GrantSet reader = new GrantSet(Set.of(Grant.of(Scope.PROVIDERS_READ)));
    assertThat(
            Arrays.stream(Scope.values()).filter(scope -> reader.allows(scope, Optional.empty())))
        .containsExactly(Scope.PUBLIC, Scope.AUTHENTICATED, Scope.PROVIDERS_READ);
    assertThat(GrantSet.NONE.allows(Scope.PROVIDERS_READ, Optional.empty())).isFalse();
    assertThat(Arrays.stream(Scope.values()))
        .allMatch(scope -> GrantSet.EVERYTHING.allows(scope, Optional.of(AGENT)));
  }

  @Test
  void widerGrantsCoverNarrowerOnesButNotViceVersa() {
    GrantSet any = new GrantSet(Set.of(Grant.of(Scope.INVOKE)));
    GrantSet one = new GrantSet(Set.of(Grant.invoke(AGENT)));
    assertThat(any.covers(one)).isTrue();
    assertThat(one.covers(any)).isFalse();
    assertThat(one.covers(new GrantSet(Set.of(Grant.invoke(OTHER))))).isFalse();
    assertThat(GrantSet.EVERYTHING.covers(any)).isTrue();
    assertThat(any.covers(GrantSet.EVERYTHING)).isFalse();
    assertThat(any.covers(GrantSet.NONE)).isTrue();
  }

  @Test
  void currentActorDefaultsToTheService() {
    Actor actor =
        new Actor(
            new Caller(Caller.Kind.KEY, "k1", "tests", GrantSet.NONE),
            Optional.of("127.0.0.1"),
            Optional.of("r1"));
    assertThat(actor.call(Actor::current)).isEqualTo(actor);
    assertThat(Actor.current().caller()).isEqualTo(Caller.SERVICE);
  }
}
