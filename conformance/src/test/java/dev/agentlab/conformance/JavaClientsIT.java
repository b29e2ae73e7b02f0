package dev.agentlab.conformance;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The clients for Java: those of OpenAI's chat completions on OpenAI and on Anthropic, and those
/// of OpenAI's Responses API, of Anthropic and of Google on all kinds of providers.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class JavaClientsIT {
  @RegisterExtension private static final ConformanceServer SERVER = new ConformanceServer();

  private static final List<Target> TARGETS =
      List.of(Target.OPENAI_DIRECT, Target.OPENAI, Target.ANTHROPIC);
  private static final List<Target> TARGETS_OF_RESPONSES =
      List.of(
          Target.OPENAI_DIRECT,
          Target.OPENAI,
          Target.OPENAI_CHAT,
          Target.ANTHROPIC,
          Target.GEMINI,
          Target.BEDROCK);
  private static final List<Target> TARGETS_OF_ANTHROPIC =
      List.of(
          Target.ANTHROPIC_DIRECT, Target.ANTHROPIC, Target.OPENAI, Target.GEMINI, Target.BEDROCK);

  private static final List<Target> TARGETS_OF_GOOGLE =
      List.of(Target.GEMINI_DIRECT, Target.GEMINI, Target.OPENAI, Target.ANTHROPIC, Target.BEDROCK);

  @TestFactory
  Stream<DynamicTest> openAiJavaUsesAgentLab() {
    return TARGETS.stream()
        .flatMap(target -> SERVER.tests(Client.OPENAI_JAVA, target, OpenAiJavaProgram::run));
  }

  @TestFactory
  Stream<DynamicTest> openAiJavaUsesResponses() {
    return TARGETS_OF_RESPONSES.stream()
        .flatMap(target -> SERVER.tests(Client.RESPONSES_JAVA, target, ResponsesJavaProgram::run));
  }

  @TestFactory
  Stream<DynamicTest> anthropicJavaUsesAgentLab() {
    return TARGETS_OF_ANTHROPIC.stream()
        .flatMap(target -> SERVER.tests(Client.ANTHROPIC_JAVA, target, AnthropicJavaProgram::run));
  }

  @TestFactory
  Stream<DynamicTest> googleJavaUsesAgentLab() {
    return TARGETS_OF_GOOGLE.stream()
        .flatMap(target -> SERVER.tests(Client.GOOGLE_JAVA, target, GoogleJavaProgram::run));
  }

  @TestFactory
  Stream<DynamicTest> langChain4jUsesAgentLab() {
    return TARGETS.stream()
        .flatMap(target -> SERVER.tests(Client.LANGCHAIN4J, target, LangChain4jOpenAiProgram::run));
  }

  @TestFactory
  Stream<DynamicTest> langChain4jUsesAgentLabAsAnthropic() {
    return TARGETS_OF_ANTHROPIC.stream()
        .flatMap(target ->
            SERVER.tests(Client.LANGCHAIN4J_ANTHROPIC, target, LangChain4jAnthropicProgram::run));
  }
}
