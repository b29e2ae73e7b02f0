package dev.agentlab.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.InvalidInputException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GrantSetTest {
  private static final Scope READ = new Scope("providers:read");
  private static final Scope WRITE = new Scope("providers:write");
  private static final GrantableScopes SCOPES =
      new GrantableScopes(List.of(READ, WRITE, Scope.INVOKE));
  private static final UUID AGENT = UUID.fromString("0189e3c1-7a40-7000-8000-00000000000a");
  private static final UUID OTHER = UUID.fromString("0189e3c1-7a40-7000-8000-00000000000b");

  @Test
  void everyGrantCanBeParsedFromItsText() {
    for (String text : SCOPES.allGrants().texts()) {
      assertThat(SCOPES.parse("scopes", text)).hasToString(text);
    }
    assertThat(SCOPES.parse("scopes", "invoke:" + AGENT)).isEqualTo(Grant.invoke(AGENT));
  }

  @Test
  void unknownScopeIsRejectedWithTheAcceptedOnes() {
    assertThatThrownBy(() -> SCOPES.parse("scopes[0]", "providers:all"))
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
      assertThatThrownBy(() -> SCOPES.parse("scopes[0]", "invoke:" + id))
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
    GrantSet reader = new GrantSet(Set.of(Grant.of(READ)));
    assertThat(reader.allows(READ, Optional.empty())).isTrue();
    assertThat(reader.allows(Scope.PUBLIC, Optional.empty())).isTrue();
    assertThat(reader.allows(Scope.AUTHENTICATED, Optional.empty())).isTrue();
    assertThat(reader.allows(WRITE, Optional.empty())).isFalse();
    assertThat(GrantSet.NONE.allows(READ, Optional.empty())).isFalse();
    assertThat(SCOPES.all())
        .allMatch(scope -> SCOPES.allGrants().allows(scope, Optional.of(AGENT)));
  }

  @Test
  void openScopesAreNotGrantable() {
    assertThatThrownBy(() -> new GrantableScopes(List.of(READ, Scope.PUBLIC)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("open");
  }

  @Test
  void widerGrantsCoverNarrowerOnesButNotViceVersa() {
    GrantSet any = new GrantSet(Set.of(Grant.of(Scope.INVOKE)));
    GrantSet one = new GrantSet(Set.of(Grant.invoke(AGENT)));
    assertThat(any.covers(one)).isTrue();
    assertThat(one.covers(any)).isFalse();
    assertThat(one.covers(new GrantSet(Set.of(Grant.invoke(OTHER))))).isFalse();
    assertThat(SCOPES.allGrants().covers(any)).isTrue();
    assertThat(any.covers(SCOPES.allGrants())).isFalse();
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
