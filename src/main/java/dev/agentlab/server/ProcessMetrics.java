package dev.agentlab.server;

import dev.agentlab.memory.MemoryBudget;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;

/// The figures the service keeps about itself.
final class ProcessMetrics {
  private static final List<MeterBinder> OF_THE_PROCESS =
      List.of(
          new JvmMemoryMetrics(),
          new JvmThreadMetrics(),
          new ProcessorMetrics(),
          new UptimeMetrics());

  private ProcessMetrics() {}

  /// A registry that has the process's own figures.
  ///
  /// @param memory for requests and responses
  static PrometheusMeterRegistry registry(MemoryBudget memory) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    OF_THE_PROCESS.forEach(binder -> binder.bindTo(registry));
    Gauge.builder("agentlab.memory.reserved", memory, MemoryBudget::reserved)
        .baseUnit("bytes")
        .description("memory that requests and responses in flight are counted with")
        .register(registry);
    Gauge.builder("agentlab.memory.capacity", memory, MemoryBudget::capacity)
        .baseUnit("bytes")
        .description("memory that requests and responses in flight may take together")
        .register(registry);
    return registry;
  }
}
