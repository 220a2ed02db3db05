/** What the tests use of MiniMax's own client, which comes without types. */
declare module "minimax-mcp-js" {
  export class MiniMaxAPI {
    constructor(config: { apiKey: string; apiHost: string; resourceMode: "url" | "local" });
  }
  export class VideoAPI {
    constructor(api: MiniMaxAPI);
    generateVideo(request: {
      model: string;
      prompt: string;
      firstFrameImage?: string;
      duration?: number;
      resolution?: string;
      asyncMode: true;
    }): Promise<{ task_id: string }>;
    queryVideoGeneration(request: {
      taskId: string;
    }): Promise<{ status: string; video_url?: string; video_path?: string; task_id?: string }>;
  }
}
