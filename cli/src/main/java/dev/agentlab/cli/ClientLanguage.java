package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.Arrays;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A language in which a client of the gateway is written.
enum ClientLanguage {
  CURL("curl"),
  PYTHON("python"),
  JAVASCRIPT("javascript"),
  JAVA("java");

  private final String text;

  /// The names of the languages, for completion and help.
  static final class Names extends ArrayList<String> {
    Names() {
      super(Arrays.stream(values()).map(ClientLanguage::toString).toList());
    }
  }

  /// Reads the name of a language.
  static final class Converter implements ITypeConverter<ClientLanguage> {
    @Override
    public ClientLanguage convert(String name) {
      return Arrays.stream(values())
          .filter(language -> language.text.equals(name))
          .findFirst()
          .orElseThrow(() ->
              new TypeConversionException(
                  "must be %s, was '%s'".formatted(String.join(", ", new Names()), name)));
    }
  }

  ClientLanguage(String text) {
    this.text = text;
  }

  /// A program that sends one chat to OpenAI's API, with the address and the key in the variables
  /// `OPENAI_BASE_URL` and `OPENAI_API_KEY`, which OpenAI's clients read themselves.
  ///
  /// @param model as it is written in a string of JSON
  String openAiProgram(String model) {
    return switch (this) {
      case CURL ->
          """
          curl "$OPENAI_BASE_URL/chat/completions" \\
            -H "Authorization: Bearer $OPENAI_API_KEY" \\
            -H 'Content-Type: application/json' \\
            -d @- <<'JSON'
          {"model": %s, "messages": [{"role": "user", "content": "Say hello."}]}
          JSON\
          """
              .formatted(model);
      case PYTHON ->
          """
          # pip install openai
          from openai import OpenAI

          client = OpenAI()
          completion = client.chat.completions.create(
              model=%s,
              messages=[{"role": "user", "content": "Say hello."}],
          )
          print(completion.choices[0].message.content)\
          """
              .formatted(model);
      case JAVASCRIPT ->
          """
          // npm install openai
          import OpenAI from "openai";

          const client = new OpenAI();
          const completion = await client.chat.completions.create({
            model: %s,
            messages: [{ role: "user", content: "Say hello." }],
          });
          console.log(completion.choices[0].message.content);\
          """
              .formatted(model);
      case JAVA ->
          """
          // Maven: com.openai:openai-java
          import com.openai.client.OpenAIClient;
          import com.openai.client.okhttp.OpenAIOkHttpClient;
          import com.openai.models.chat.completions.ChatCompletionCreateParams;

          void main() {
            OpenAIClient client = OpenAIOkHttpClient.fromEnv();
            var completion =
                client.chat().completions().create(
                    ChatCompletionCreateParams.builder()
                        .model(%s)
                        .addUserMessage("Say hello.")
                        .build());
            completion.choices().getFirst().message().content().ifPresent(IO::println);
          }\
          """
              .formatted(model);
    };
  }

  @Override
  public String toString() {
    return text;
  }
}
