package dev.agentlab.config;

/// How many rows a page of a listing may hold: 1 ≤ defaultPageSize ≤ maxPageSize.
public record PaginationConfig(int defaultPageSize, int maxPageSize) {}
