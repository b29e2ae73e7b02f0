package dev.agentlab.conformance;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The clients for Java, on OpenAI and on Anthropic.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class JavaClientsIT {
  @RegisterExtension private static final ConformanceServer SERVER = new ConformanceServer();

  private static final List<Target> TARGETS =
      List.of(Target.OPENAI_DIRECT, Target.OPENAI, Target.ANTHROPIC);

  @TestFactory
  Stream<DynamicTest> openAiJavaUsesAgentLab() {
    return TARGETS.stream()
        .flatMap(target -> SERVER.tests(Client.OPENAI_JAVA, target, OpenAiJavaProgram::run));
  }

  @TestFactory
  Stream<DynamicTest> langChain4jUsesAgentLab() {
    return TARGETS.stream()
        .flatMap(target -> SERVER.tests(Client.LANGCHAIN4J, target, LangChain4jProgram::run));
  }
}
