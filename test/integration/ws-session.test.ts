import { expect, onTestFinished, test } from 'vitest';
import { createTroupe } from '../../src/server.ts';
import { connect } from '../support/client.ts';
