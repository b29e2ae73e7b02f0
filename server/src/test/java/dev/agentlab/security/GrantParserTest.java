package dev.agentlab.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.NameRule;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrantParserTest {
  private static final Scope READ = new Scope("providers:read");
  private static final GrantableScopes SCOPES =
      new GrantableScopes(List.of(READ, Scope.INVOKE, Scope.PROXY));
  private static final UUID AGENT = UUID.fromString("0189e3c1-7a40-7000-8000-00000000000a");

  private static final UUID ROUTE = UUID.fromString("0189e3c1-7a40-7000-8000-00000000000b");

  private static Grant parse(String text) {
    return SCOPES.parse("scopes[2]", text);
  }

  private static Grant toProvider(Scope scope, String name) {
    return new Grant(scope, new Restriction.ToProvider(name));
  }

  private static Grant toModels(String provider, String pattern) {
    return new Grant(Scope.INVOKE, new Restriction.ToModels(provider, new ModelPattern(pattern)));
  }

  @Test
  void agentIsParsedFromEitherFormAndWrittenAsId() {
    String upper = AGENT.toString().toUpperCase(Locale.ROOT);
    for (String text : List.of("invoke:" + AGENT, "invoke:agent/" + AGENT, "invoke:" + upper)) {
      assertThat(parse(text)).isEqualTo(Grant.invoke(AGENT)).hasToString("invoke:" + AGENT);
    }
  }

  @Test
  void agentIsLookedUpByTheTextAfterThePrefix() {
    for (String name : List.of("helper", "a/b", "agents/x", "100%", "providers/x")) {
      for (String prefix : List.of("invoke:", "invoke:agent/")) {
        Grant grant =
            SCOPES.parse(
                "scopes",
                prefix + name,
                agent -> {
                  assertThat(agent).isEqualTo(name);
                  return AGENT;
                },
                GrantParserTest::refuse);
        assertThat(grant).isEqualTo(Grant.invoke(AGENT));
      }
    }
    Grant prefixed =
        SCOPES.parse(
            "scopes",
            "invoke:agent/provider/x",
            agent -> {
              assertThat(agent).isEqualTo("provider/x");
              return AGENT;
            },
            GrantParserTest::refuse);
    assertThat(prefixed).isEqualTo(Grant.invoke(AGENT));
  }

  private static UUID refuse(String text) {
    throw new AssertionError(text);
  }

  @Test
  void routeIsLookedUpByTheTextAfterThePrefix() {
    for (String name : List.of("smart", "a/b", "agent/x")) {
      Grant grant =
          SCOPES.parse(
              "scopes",
              "invoke:route/" + name,
              GrantParserTest::refuse,
              route -> {
                assertThat(route).isEqualTo(name);
                return ROUTE;
              });
      assertThat(grant)
          .isEqualTo(new Grant(Scope.INVOKE, new Restriction.ToRoute(ROUTE)))
          .hasToString("invoke:route/" + ROUTE);
      assertThat(parse(grant.toString())).isEqualTo(grant);
    }
    assertThatThrownBy(() -> parse("invoke:route/smart"))
        .hasMessageContaining("must have the id of a route after invoke:route/");
  }

  @Test
  void providerNameIsPercentDecoded() {
    assertThat(parse("invoke:provider/my own")).isEqualTo(toProvider(Scope.INVOKE, "my own"));
    assertThat(parse("invoke:provider/a%2Fb%25")).isEqualTo(toProvider(Scope.INVOKE, "a/b%"));
    assertThat(parse("proxy:a%2fb%20%C3%BC")).isEqualTo(toProvider(Scope.PROXY, "a/b ü"));
    assertThat(toProvider(Scope.PROXY, "a/b ü%2F")).hasToString("proxy:a%2Fb ü%252F");
  }

  @Test
  void firstSlashSeparatesProviderAndPattern() {
    assertThat(parse("invoke:model/openrouter/meta-llama/*"))
        .isEqualTo(toModels("openrouter", "meta-llama/*"))
        .hasToString("invoke:model/openrouter/meta-llama/*");
    assertThat(parse("invoke:model/a%2Fb/100%")).isEqualTo(toModels("a/b", "100%"));
    assertThat(parse("invoke:model/p//")).isEqualTo(toModels("p", "/"));
  }

  @Property
  void everyGrantIsParsedFromItsText(
      @ForAll("names") String name, @ForAll("patterns") String pattern) {
    for (Grant grant :
        List.of(
            Grant.of(Scope.INVOKE),
            Grant.of(Scope.PROXY),
            Grant.invoke(AGENT),
            toProvider(Scope.INVOKE, name),
            toProvider(Scope.PROXY, name),
            toModels(name, pattern))) {
      assertThat(parse(grant.toString())).isEqualTo(grant).hasToString(grant.toString());
    }
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.oneOf(
            Arbitraries.strings().withChars("ab/%2F25 :*,ü").ofMinLength(1).ofMaxLength(20),
            Arbitraries.strings().ofMinLength(1).ofMaxLength(20))
        .filter(name -> NameRule.findError(name).isEmpty());
  }

  @Provide
  Arbitrary<String> patterns() {
    return Arbitraries.oneOf(
            Arbitraries.strings().withChars("ab/%2F25 :*,ü").ofMinLength(1).ofMaxLength(20),
            Arbitraries.strings().ofMinLength(1).ofMaxLength(20))
        .filter(pattern -> ModelPattern.findError(pattern).isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "invoke:provider/ | invoke:provider/<provider name>, in which the provider name must not be empty",
        "invoke:provider/a/b | the provider name must be written with %2F for / and %25 for %",
        "invoke:provider/100% | the provider name must be written with %2F for / and %25 for %",
        "invoke:provider/%ff | the provider name must be written with %2F for / and %25 for %",
        "invoke:provider/a%00 | the provider name must not contain control characters",
        "invoke:model/ | must have the form invoke:model/<provider name>/<model pattern>",
        "invoke:model/openai | must have the form invoke:model/<provider name>/<model pattern>",
        "invoke:model//gpt | the provider name must not be empty",
        "invoke:model/openai/ | the model pattern must have 1 to 300 characters, had 0",
        "invoke:model/p/*********** | the model pattern must have at most 10 *, had 11",
        "proxy: | must have the form proxy:<provider name>, in which the provider name must not be empty",
        "proxy:provider/a | the provider name must be written with %2F for / and %25 for %",
      })
  void invalidRestrictionIsRejectedWithFieldAndForm(String text, String message) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("scopes[2]: must have the form ")
        .hasMessageContaining(message)
        .hasMessageEndingWith("was \"%s\"".formatted(text));
  }

  @Test
  void providerNameOfTooManyCharactersIsRejected() {
    assertThat(parse("proxy:" + "x".repeat(200))).isNotNull();
    assertThatThrownBy(() -> parse("proxy:" + "x".repeat(201)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("must have at most 200 characters");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "invok", "proxies", "Invoke", "providers:read:x", "providers:read/x", "open"})
  void unknownScopeIsRejectedWithAllForms(String text) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "known scopes are providers:read, invoke, proxy, invoke:<agent name or id>,"
                + " invoke:agent/<agent name or id>, invoke:route/<route name or id>,"
                + " invoke:provider/<provider name>,"
                + " invoke:model/<provider name>/<model pattern>, proxy:<provider name>");
  }

  @Test
  void restrictionOfAScopeThatCannotBeGrantedIsRejected() {
    GrantableScopes reading = new GrantableScopes(List.of(READ));
    for (String text : List.of("invoke:" + AGENT, "invoke:provider/p", "proxy:p")) {
      assertThatThrownBy(() -> reading.parse("scopes", text))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageEndingWith("known scopes are providers:read");
    }
  }

  @Test
  void onlyInvokeAndProxyHaveRestrictions() {
    Restriction agent = new Restriction.ToAgent(AGENT);
    Restriction provider = new Restriction.ToProvider("p");
    Restriction models = new Restriction.ToModels("p", new ModelPattern("*"));
    for (Restriction restriction : List.of(agent, provider, models)) {
      assertThatIllegalArgumentException().isThrownBy(() -> new Grant(READ, restriction));
    }
    for (Restriction restriction : List.of(agent, models)) {
      assertThatIllegalArgumentException().isThrownBy(() -> new Grant(Scope.PROXY, restriction));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> Grant.of(Scope.PUBLIC));
    assertThatIllegalArgumentException().isThrownBy(() -> new Restriction.ToProvider(""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Restriction.ToModels(" p", new ModelPattern("*")));
  }
}
