package dev.agentlab.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.InvalidInputException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GrantsTest {
  private static final UUID AGENT = UUID.fromString("0189e3c1-7a40-7000-8000-00000000000a");
  private static final UUID OTHER = UUID.fromString("0189e3c1-7a40-7000-8000-00000000000b");

  @Test
  void everyGrantReadsAsItsTextSays() {
    for (String text : Grants.EVERYTHING.texts()) {
      assertThat(Grant.parse("scopes", text)).hasToString(text);
    }
    assertThat(Grant.parse("scopes", "invoke:" + AGENT)).isEqualTo(Grant.invoking(AGENT));
  }

  @Test
  void unknownTextIsRefusedWithWhatIsKnown() {
    assertThatThrownBy(() -> Grant.parse("scopes[0]", "providers:all"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("scopes[0]")
        .hasMessageContaining("providers:all")
        .hasMessageContaining("providers:read")
        .hasMessageContaining("invoke:<agent name or id>")
        .hasMessageNotContaining("open");
  }

  @Test
  void oneAgentIsNamedByItsWholeId() {
    for (String id : new String[] {"", "helper", "1-1-1-1-1", "*"}) {
      assertThatThrownBy(() -> Grant.parse("scopes[0]", "invoke:" + id))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("id of an agent");
    }
  }

  @Test
  void grantForOneAgentAllowsNoOther() {
    Grants one = new Grants(Set.of(Grant.invoking(AGENT)));
    assertThat(one.allow(Scope.INVOKE, Optional.of(AGENT))).isTrue();
    assertThat(one.allow(Scope.INVOKE, Optional.of(OTHER))).isFalse();
    assertThat(one.allow(Scope.INVOKE, Optional.empty())).isFalse();
  }

  @Test
  void grantsAllowTheirScopesAndWhatIsOpenOnly() {
    Grants reader = new Grants(Set.of(Grant.of(Scope.PROVIDERS_READ)));
    assertThat(Arrays.stream(Scope.values()).filter(scope -> reader.allow(scope, Optional.empty())))
        .containsExactly(Scope.OPEN, Scope.KNOWN, Scope.PROVIDERS_READ);
    assertThat(Grants.NONE.allow(Scope.PROVIDERS_READ, Optional.empty())).isFalse();
    assertThat(Arrays.stream(Scope.values()))
        .allMatch(scope -> Grants.EVERYTHING.allow(scope, Optional.of(AGENT)));
  }

  @Test
  void widerGrantsCoverNarrowerOnesAndNeverTheOtherWay() {
    Grants any = new Grants(Set.of(Grant.of(Scope.INVOKE)));
    Grants one = new Grants(Set.of(Grant.invoking(AGENT)));
    assertThat(any.cover(one)).isTrue();
    assertThat(one.cover(any)).isFalse();
    assertThat(one.cover(new Grants(Set.of(Grant.invoking(OTHER))))).isFalse();
    assertThat(Grants.EVERYTHING.cover(any)).isTrue();
    assertThat(any.cover(Grants.EVERYTHING)).isFalse();
    assertThat(any.cover(Grants.NONE)).isTrue();
  }

  @Test
  void whoIsAtWorkIsTheServiceUntilSaidOtherwise() {
    Actor actor =
        new Actor(
            new Caller(Caller.Kind.KEY, "k1", "tests", Grants.NONE),
            Optional.of("127.0.0.1"),
            Optional.of("r1"));
    assertThat(actor.doing(Actor::current)).isEqualTo(actor);
    assertThat(Actor.current().caller()).isEqualTo(Caller.SERVICE);
  }
}
