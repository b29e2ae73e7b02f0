package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.errors.InvalidInputException;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class GeminiClientPropertyTest {
  private static final List<String> ODD_VALUES =
      List.of(
          "null",
          "true",
          "-1",
          "1e400",
          "\"\"",
          "\"x\"",
          "[]",
          "[null]",
          "[{}]",
          "{}",
          "{\"parts\":[{\"text\":5}]}",
          "{\"parts\":[{\"text\":\"a\"},{\"functionCall\":{}}]}",
          "[{\"functionDeclarations\":[{\"name\":\"f\",\"parameters\":{\"type\":[\"OBJECT\"],"
              + "\"properties\":5,\"items\":[],\"anyOf\":{},\"enum\":1,\"nullable\":true}}]}]",
          "[{\"functionDeclarations\":{}}]",
          "{\"functionCallingConfig\":{\"mode\":\"any\",\"allowedFunctionNames\":[5]}}",
          "{\"thinkingConfig\":{\"thinkingBudget\":1e400,\"thinkingLevel\":\"ODD\"}}",
          "{\"thinking_config\":{\"thinking_budget\":0.5}}",
          "{\"responseSchema\":{\"type\":\"OBJECT\",\"properties\":{\"a\":1}},"
              + "\"stopSequences\":[1]}",
          "{\"responseModalities\":[1,{}],\"logprobs\":1e400,\"seed\":\"1\"}",
          "{\"model\":5,\"contents\":[]}");
  private static final List<String> MEMBERS =
      List.of(
          "systemInstruction",
          "system_instruction",
          "tools",
          "toolConfig",
          "generationConfig",
          "generation_config",
          "generateContentRequest",
          "cachedContent",
          "store",
          "model",
          "unheard_of");
  private static final List<String> PARTS =
      List.of(
          "null",
          "{}",
          "{\"text\":\"a\"}",
          "{\"text\":\"\",\"thought\":true,\"thoughtSignature\":\"YWdsMS57fQ==\"}",
          "{\"thought_signature\":\"YWdsMS57\"}",
          "{\"thoughtSignature\":\"!\",\"text\":null}",
          "{\"functionCall\":{\"name\":\"f\"}}",
          "{\"functionCall\":{\"name\":\"f\",\"id\":\"c\",\"args\":[]}}",
          "{\"function_call\":5}",
          "{\"functionResponse\":{\"name\":\"f\",\"response\":{\"result\":{}}}}",
          "{\"functionResponse\":{\"id\":\"c\",\"response\":5,\"parts\":[{}]}}",
          "{\"inlineData\":{\"mimeType\":\"\\n\",\"data\":\"!\"}}",
          "{\"inline_data\":{\"mime_type\":\"image/png\",\"data\":\"_-\"}}",
          "{\"inlineData\":{\"mimeType\":\"text/plain\",\"data\":\"!\"}}",
          "{\"fileData\":{\"fileUri\":\"x:\"}}",
          "{\"executableCode\":{},\"text\":5}",
          "{\"odd\":[1e400]}");
  private static final List<ProviderDialect> PROVIDERS =
      List.of(new Anthropic(), OpenAi.withRules(), new Gemini(), new BedrockConverse());

  @Property(tries = 5_000)
  void anyRequestIsTranslatedOrRejected(@ForAll("oddRequests") String request) {
    for (ProviderDialect provider : PROVIDERS) {
      ModelRequest received =
          ModelRequest.parse(
              Operation.GENERATE_CONTENT, "gemini-3-pro", false, request.getBytes(UTF_8));
      try {
        provider.writeChat(ProviderDialect.read(received), new TranslationWarnings());
      } catch (InvalidInputException e) {
        assertThat(e.errors()).isNotEmpty();
      }
    }
  }

  @Property(tries = 2_000)
  void anyNativeRequestPassesOrIsRejected(
      @ForAll("oddRequests") String request, @ForAll boolean ofAgent) {
    for (Operation operation :
        List.of(
            Operation.GENERATE_CONTENT,
            Operation.COUNT_CONTENT_TOKENS,
            Operation.EMBED_CONTENT,
            Operation.BATCH_EMBED_CONTENTS)) {
      ModelRequest received =
          ModelRequest.parse(operation, "gemini-3-pro", false, request.getBytes(UTF_8));
      ModelRequest prepared =
          ofAgent
              ? received.withDefaults(
                  "Be brief.",
                  ProviderJson.object()
                      .put("temperature", 1)
                      .put("reasoning_effort", "low")
                      .put("dimensions", 3))
              : received;
      try {
        byte[] body = new Gemini().translateRequest(prepared).body();
        assertThat(ProviderJson.MAPPER.readTree(body).isObject()).isTrue();
      } catch (InvalidInputException e) {
        assertThat(e.errors()).isNotEmpty();
      }
    }
  }

  @Provide
  Arbitrary<String> oddRequests() {
    Arbitrary<String> contents =
        Combinators.combine(
                Arbitraries.of("user", "model", "function", "tool"),
                Arbitraries.of(PARTS).list().ofMaxSize(4))
            .as((role, parts) ->
                "{\"role\":\"" + role + "\",\"parts\":[" + String.join(",", parts) + "]}")
            .list()
            .ofMinSize(1)
            .ofMaxSize(3)
            .map(it -> String.join(",", it));
    Arbitrary<String> members =
        Arbitraries.maps(Arbitraries.of(MEMBERS), Arbitraries.of(ODD_VALUES))
            .ofMaxSize(3)
            .map(it ->
                it.entrySet().stream()
                    .map(member -> ",\"" + member.getKey() + "\":" + member.getValue())
                    .collect(Collectors.joining()));
    return Combinators.combine(contents, members)
        .as((list, rest) -> "{\"contents\":[" + list + "]" + rest + "}");
  }
}
