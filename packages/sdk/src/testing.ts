export * from '@helix-agents/core/testing';
